import { UserError } from '../../errors.ts';
import { requireAllowedSource } from '../address.ts';
import type { CameraSource, SourceTest } from '../contract/camera.ts';
import type { DecoderFactory, DecoderListener } from '../parts.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
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
}

/** Decoders, each a process of its own. */
export class Decoders implements DecoderFactory {
  readonly #times: Required<DecoderTimes>;
  readonly #supervision: Partial<SupervisedOptions>;

  constructor(times: DecoderTimes = {}, supervision: Partial<SupervisedOptions> = {}) {
    this.#times = { patience: 8000, firstWait: 1000, firstGivenUpWait: 30_000, ...times };
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
    },
    listener: DecoderListener,
  ): SupervisedDecoder {
    const { firstGivenUpWait, ...times } = this.#times;
    const decoded = { ...camera, ...times };
    return new SupervisedDecoder(name, decoded, listener, this.#supervision, firstGivenUpWait);
  }

  async test(source: CameraSource): Promise<SourceTest> {
    requireAllowedSource(source);
    const { promise, resolve, reject } = Promise.withResolvers<SourceTest>();
    const process = new SupervisedProcess<DecoderOrder, DecoderMessage>(
      { ...this.#supervision, name: 'test of the source', module: decoderProgram },
      {
        onReady: () => process.send({ kind: 'test', source, patience: this.#times.patience }),
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
    process.start();
    try {
      return await promise;
    } finally {
      await process.stop();
    }
  }
}
