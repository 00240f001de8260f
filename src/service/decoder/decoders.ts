import { UserError } from '../../errors.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { SceneTimes } from '../../scoring/scene/scene.ts';
import type { CameraSource, SourceTest } from '../contract/camera.ts';
import type { DecoderFactory, DecoderListener } from '../parts.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
import { requireAllowedSource, requireUnambiguousLogin } from '../secrets/address.ts';
import { decoderProgram, SupervisedDecoder } from './decoder.ts';
import type { DecoderMessage, DecoderOrder } from './messages.ts';

/** Times of decoders that tests make short. All in milliseconds. */
export interface DecoderTimes {
  /** Without a picture, after which the stream has stalled; default 8000. */
  readonly patience?: number;
  /** Before it connects again for the first time; default 1000, growing to a minute. */
  readonly firstWait?: number;
  /** Before a process that was given up is started again; default 30,000, growing to ten minutes. */
  readonly firstGivenUpWait?: number;
  readonly scene?: Partial<SceneTimes>;
}

/** Sources that are tested at once; each is a process. */
const MOST_TESTS = 4;

/** Decoders, each a process of its own. */
export class Decoders implements DecoderFactory {
  readonly #times: Required<DecoderTimes>;
  readonly #supervision: Partial<SupervisedOptions>;
  #testing = 0;

  constructor(times: DecoderTimes = {}, supervision: Partial<SupervisedOptions> = {}) {
    this.#times = {
      patience: 8000,
      firstWait: 1000,
      firstGivenUpWait: 30_000,
      scene: {},
      ...times,
    };
    this.#supervision = supervision;
  }

  /** @throws UserError where the source may not be opened */
  open(
    {
      name,
      ...camera
    }: {
      readonly name: string;
      readonly source: CameraSource;
      readonly fps: number;
      readonly sceneFile: string;
      readonly ignored: readonly PictureRegion[];
    },
    listener: DecoderListener,
  ): SupervisedDecoder {
    const { firstGivenUpWait, ...times } = this.#times;
    const decoded = { ...camera, ...times };
    return new SupervisedDecoder(name, decoded, listener, this.#supervision, firstGivenUpWait);
  }

  async test(source: CameraSource): Promise<SourceTest> {
    requireAllowedSource(source);
    if ('url' in source) requireUnambiguousLogin(source.url);
    if (this.#testing >= MOST_TESTS)
      throw new UserError(`${MOST_TESTS} sources are being tested; wait until one of them is done`);
    this.#testing += 1;
    return this.#test(source).finally(() => (this.#testing -= 1));
  }

  async #test(source: CameraSource): Promise<SourceTest> {
    const { promise, resolve, reject } = Promise.withResolvers<SourceTest>();
    const child = new SupervisedProcess<DecoderOrder, DecoderMessage>(
      { ...this.#supervision, name: 'test of the source', module: decoderProgram },
      {
        onReady: () => child.send({ kind: 'test', source, patience: this.#times.patience }),
        onMessage(message) {
          if (message.kind === 'tested') {
            const { size, fps, codec, jpeg } = message;
            const picture = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
            resolve({ ...size, fps, codec, picture });
          }
          if (message.kind === 'not tested') reject(new UserError(message.failed.message));
        },
        onLost: (reason) => reject(new UserError(`${reason}; try it again`)),
      },
    );
    child.start();
    try {
      return await promise;
    } finally {
      await child.stop();
    }
  }
}
