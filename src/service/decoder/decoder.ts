import { extname } from 'node:path';
import { UnknownCase, UserError } from '../../errors.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { SceneChange } from '../../scoring/scene/scene.ts';
import type { FrameFormat } from '../../video/frame.ts';
import type { CameraDecoder, DecoderListener, FilmUnderWay, Heatmap, Recording } from '../parts.ts';
import { Revival } from '../process/revival.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
import type { DecodedCamera, DecoderMessage, DecoderOrder } from './messages.ts';

export const decoderProgram = new URL(`./program${extname(import.meta.url)}`, import.meta.url);

/** Milliseconds that a decoder has to end its recording before it is ended. */
const farewell = 5000;

/** Seconds over which frames a second are counted. */
const counted = 5;

interface Request {
  resolve(): void;
  reject(error: Error): void;
}

/** The owner's side of one camera's decoder: keeps its process alive, and sends its orders again after a restart. */
export class SupervisedDecoder implements CameraDecoder {
  readonly #name: string;
  #camera: Omit<DecodedCamera, 'stretch'>;
  readonly #listener: DecoderListener;
  readonly #process: SupervisedProcess<DecoderOrder, DecoderMessage>;
  readonly #revival: Revival;
  #format: FrameFormat | null = null;
  #recording: Recording | null = null;
  /** Told to learn the scene, which it has not done yet. */
  #wantsScene = false;
  /** As last reported; a restarted process determines it again. */
  #scene: SceneChange | null = null;
  /** Of the last frame. */
  #stretch = 0;
  #online = false;
  #wasOnline = false;
  readonly #requests = new Map<number, Request>();
  #nextRequest = 0;
  #closed: (() => void) | undefined;
  /** Of processes that are gone. */
  #before = { frames: 0, dropped: 0 };
  #now = { frames: 0, dropped: 0 };
  #reconnects = 0;
  /** Frames in each of the last seconds. */
  #seconds: number[] = [];

  /** @param firstGivenUpWait milliseconds before a process that was given up is started again */
  constructor(
    name: string,
    camera: Omit<DecodedCamera, 'stretch'>,
    listener: DecoderListener,
    supervision: Partial<SupervisedOptions>,
    firstGivenUpWait: number,
  ) {
    this.#name = name;
    this.#camera = camera;
    this.#listener = listener;
    this.#revival = new Revival(firstGivenUpWait, () => this.#process.start());
    this.#process = new SupervisedProcess(
      { name: `decoder of ${name}`, module: decoderProgram, ...supervision },
      {
        onReady: () => this.#sendAll(),
        onMessage: (message) => this.#receive(message),
        onLost: (reason, givenUp) => this.#lost(reason, givenUp),
      },
    );
  }

  /** Of its process, while there is one. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  get residentBytes(): number {
    return this.#process.residentBytes;
  }

  get counts(): CameraDecoder['counts'] {
    const seconds = Math.max(1, this.#seconds.length);
    return {
      frames: this.#before.frames + this.#now.frames,
      dropped: this.#before.dropped + this.#now.dropped,
      reconnects: this.#reconnects,
      framesPerSecond: this.#seconds.reduce((sum, frames) => sum + frames, 0) / seconds,
    };
  }

  start(): void {
    this.#revival.cancel();
    this.#process.start();
  }

  async stop(): Promise<void> {
    this.#revival.cancel();
    if (this.#process.state === 'running') {
      let late: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#closed = resolve;
        late = setTimeout(resolve, farewell);
        this.#process.send({ kind: 'close' });
      });
      clearTimeout(late);
    }
    // It may have been lost meanwhile, and given up.
    this.#revival.cancel();
    await this.#process.stop();
    this.#forget('was stopped');
    this.#reportScene(null);
  }

  setFormat(format: FrameFormat | null): void {
    this.#format = format;
    this.#process.send({ kind: 'format', format });
  }

  record(folder: string | null, format = this.#format): void {
    this.#recording = folder !== null && format ? { folder, format } : null;
    this.#process.send({ kind: 'record', recording: this.#recording });
  }

  ignore(regions: readonly PictureRegion[]): void {
    this.#camera = { ...this.#camera, ignored: regions };
    this.#process.send({ kind: 'ignore', regions });
  }

  learnScene(): void {
    this.#wantsScene = true;
    this.#process.send({ kind: 'learn scene' });
  }

  thumbnail(time: number, heatmap: Heatmap, folder: string): Promise<void> {
    return this.#request((id) => ({ kind: 'thumbnail', id, time, heatmap, folder }));
  }

  clip(from: number, to: number, path: string): Promise<void> {
    return this.#request((id) => ({ kind: 'clip', id, from, to, path }));
  }

  film(from: number, path: string): FilmUnderWay {
    const id = this.#nextRequest++;
    const order = (order: DecoderOrder) => {
      if (this.#process.state === 'running') this.#process.send(order);
    };
    const begun = this.#process.pid;
    order({ kind: 'film', id, from, path });
    return {
      until: (time) => {
        if (this.#process.pid === begun) order({ kind: 'film until', id, time });
      },
      end: (time) =>
        begun !== undefined && this.#process.pid === begun
          ? this.#request(() => ({ kind: 'film ends', id, time }), id)
          : Promise.reject(
              new UserError(`decoder of ${this.#name}: was restarted; its kept pictures are gone`),
            ),
    };
  }

  #request(order: (id: number) => DecoderOrder, id = this.#nextRequest++): Promise<void> {
    if (this.#process.state !== 'running')
      return Promise.reject(
        new UserError(`decoder of ${this.#name}: does not run; no picture is kept`),
      );
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      this.#process.send(order(id));
    });
  }

  #sendAll(): void {
    this.#process.send({ kind: 'open', camera: { ...this.#camera, stretch: this.#stretch + 1 } });
    this.#process.send({ kind: 'format', format: this.#format });
    this.#process.send({ kind: 'record', recording: this.#recording });
    if (this.#wantsScene) this.#process.send({ kind: 'learn scene' });
  }

  #receive(message: DecoderMessage): void {
    switch (message.kind) {
      case 'frame':
        this.#stretch = message.frame.stretch;
        this.#listener.onFrame(message.frame);
        break;
      case 'picture':
        this.#listener.onPicture(message);
        break;
      case 'online':
        if (this.#wasOnline && !this.#online) this.#reconnects++;
        this.#online = true;
        this.#wasOnline = true;
        this.#revival.reset();
        this.#listener.onOnline(message);
        break;
      case 'offline':
        this.#online = false;
        this.#listener.onOffline(message.reason, message.retryIn);
        break;
      case 'scene learned':
        this.#wantsScene = false;
        break;
      case 'scene':
        this.#reportScene(message.change);
        break;
      case 'scene doubt':
        this.#listener.onDoubt(message.doubtful);
        break;
      case 'recorded':
        this.#listener.onRecorded(message.file);
        break;
      case 'recording failed':
        this.#recording = null;
        this.#listener.onRecordingFailed(message.reason);
        break;
      case 'counts':
        this.#seconds.push(message.frames - this.#now.frames);
        if (this.#seconds.length > counted) this.#seconds.shift();
        this.#now = message;
        break;
      case 'done': {
        const request = this.#requests.get(message.id);
        this.#requests.delete(message.id);
        const { failed } = message;
        if (failed) request?.reject(new (failed.users ? UserError : Error)(failed.message));
        else request?.resolve();
        break;
      }
      case 'closed':
        this.#closed?.();
        break;
      case 'tested':
      case 'not tested':
        throw new Error(`a decoder that watches answered '${message.kind}'`);
      default:
        throw new UnknownCase(message satisfies never);
    }
  }

  #reportScene(change: SceneChange | null): void {
    if (change === this.#scene) return;
    this.#scene = change;
    this.#listener.onScene(change);
  }

  #lost(reason: string, givenUp: boolean): void {
    this.#forget(reason);
    this.#closed?.();
    if (!givenUp) {
      this.#listener.onOffline(reason, 1000);
      return;
    }
    const wait = this.#revival.begin();
    this.#listener.onOffline(`${reason}, too often`, wait);
  }

  /** What was known of a process that is gone. */
  #forget(why: string): void {
    this.#online = false;
    this.#listener.onDoubt(false);
    this.#before = {
      frames: this.#before.frames + this.#now.frames,
      dropped: this.#before.dropped + this.#now.dropped,
    };
    this.#now = { frames: 0, dropped: 0 };
    this.#seconds = [];
    for (const { reject } of this.#requests.values())
      reject(new UserError(`decoder of ${this.#name}: ${why}; its kept pictures are gone`));
    this.#requests.clear();
  }
}
