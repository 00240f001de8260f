import { extname } from 'node:path';
import { UnknownCase } from '../../errors.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { Size } from '../../video/frame.ts';
import type { CameraFrame, Inference, InferenceListener } from '../parts.ts';
import { Revival } from '../process/revival.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
import { CameraFeed, type FeedCounts } from './camera-feed.ts';
import type { FromInference, ToInference } from './messages.ts';

/** Resident bytes of the process: several models of the largest preset fit. */
const MEMORY_LIMIT = 2.5e9;

/** Milliseconds before the process is started again after it was given up: the first wait. */
const FIRST_WAIT = 30_000;

/** Milliseconds of life after which the waits are short again. */
const STEADY = 300_000;

/** A camera with the model that it is scored by. */
interface Watch {
  readonly number: number;
  readonly camera: string;
  readonly feed: CameraFeed;
  readonly folder: string;
  readonly size: Size;
  readonly fps: number;
  regions: readonly PictureRegion[];
}

/**
 * Scores the frames of all cameras in one process of its own. Its memory here is bounded whatever the
 * process does: a few frames of each camera. After a lost process every camera begins with a new
 * stream, and nothing is said of frames from before.
 */
export class SharedInference implements Inference {
  readonly #listener: InferenceListener;
  readonly #process: SupervisedProcess<ToInference, FromInference>;
  /** By camera. What they count goes on when they are watched again. */
  readonly #feeds = new Map<string, CameraFeed>();
  readonly #watches = new Map<string, Watch>();
  readonly #revival = new Revival(FIRST_WAIT, () => this.#process.start());
  #watchNumber = 0;
  #ready = Number.POSITIVE_INFINITY;

  /** @param process what of its supervision is not as usual */
  constructor(
    listener: InferenceListener,
    process: Partial<Omit<SupervisedOptions, 'name' | 'module' | 'args'>> = {},
  ) {
    this.#listener = listener;
    this.#process = new SupervisedProcess(
      {
        name: 'inference',
        module: new URL(`./program${extname(import.meta.url)}`, import.meta.url),
        memoryLimit: MEMORY_LIMIT,
        ...process,
      },
      {
        onReady: () => {
          this.#ready = performance.now();
          for (const watch of this.#watches.values()) this.#sendWatch(watch);
          listener.onReady();
        },
        onMessage: (message) => this.#receive(message),
        onLost: (reason, givenUp) => {
          this.#closeFeeds();
          if (performance.now() - this.#ready > STEADY) this.#revival.reset();
          this.#ready = Number.POSITIVE_INFINITY;
          if (givenUp) this.#revival.begin();
          listener.onLost(reason, givenUp);
        },
      },
    );
  }

  /** Of the process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  get residentBytes(): number {
    return this.#process.residentBytes;
  }

  start(): void {
    this.#process.start();
  }

  async stop(): Promise<void> {
    this.#revival.stop();
    await this.#process.stop();
    this.#closeFeeds();
  }

  watch(
    camera: string,
    folder: string,
    size: Size,
    fps: number,
    regions: readonly PictureRegion[],
  ): void {
    const feed = this.#feeds.get(camera) ?? new CameraFeed();
    this.#feeds.set(camera, feed);
    const before = this.#watches.get(camera);
    const watch = { number: ++this.#watchNumber, camera, feed, folder, size, fps, regions };
    this.#watches.set(camera, watch);
    feed.close();
    this.#sendWatch(watch);
    // Sent afterwards: a model that stays in use is then not loaded again.
    if (before) this.#process.send({ kind: 'unwatch', watch: before.number });
  }

  setRegions(camera: string, regions: readonly PictureRegion[]): void {
    const watch = this.#watches.get(camera);
    if (!watch) return;
    watch.regions = regions;
    this.#process.send({ kind: 'regions', watch: watch.number, regions });
  }

  unwatch(camera: string): void {
    const watch = this.#watches.get(camera);
    if (!watch) return;
    this.#watches.delete(camera);
    watch.feed.close();
    this.#process.send({ kind: 'unwatch', watch: watch.number });
  }

  push(camera: string, frame: CameraFrame): void {
    const watch = this.#watches.get(camera);
    if (!watch) return;
    watch.feed.push(frame, performance.now());
    this.#give(watch);
  }

  counts(camera: string): FeedCounts {
    const feed = this.#feeds.get(camera) ?? new CameraFeed();
    return feed.counts(performance.now());
  }

  #sendWatch({ number, folder, size, fps, regions }: Watch): void {
    this.#process.send({ kind: 'watch', watch: number, folder, size, fps, regions });
  }

  #give({ number, feed }: Watch): void {
    for (let frame = feed.take(); frame; frame = feed.take())
      this.#process.send({ kind: 'frame', watch: number, frame });
  }

  #receive(message: FromInference): void {
    const watch = [...this.#watches.values()].find(({ number }) => number === message.watch);
    // Said of a watch that is over.
    if (!watch) return;
    const { camera, feed } = watch;
    switch (message.kind) {
      case 'watching':
        feed.open(message.frameBytes);
        this.#give(watch);
        break;
      case 'answer':
        feed.answered(message.score !== null, performance.now());
        this.#give(watch);
        if (message.score) this.#listener.onScore(camera, message.score);
        break;
      case 'model failed':
        feed.close();
        this.#listener.onModelFailed(camera, message.reason);
        break;
      default:
        throw new UnknownCase(message satisfies never);
    }
  }

  #closeFeeds(): void {
    for (const feed of this.#feeds.values()) feed.close();
  }
}
