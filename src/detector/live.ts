import { checkOptions } from '../options.ts';
import type { Calibration } from '../scoring/calibration.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import type { Detector } from './detector.ts';
import { FrameQueue } from './frame-queue.ts';
import { FrameScorer, type ScoredFrame } from './frame-scorer.ts';
import { liveCameraOptions } from './options.ts';
import { TurnCamera } from './turn-camera.ts';
import { Turns } from './turns.ts';

export interface LiveOptions {
  /** Frames of a camera that may wait while the model is busy; default 2. */
  readonly room?: number | undefined;
}

export interface LiveCameraOptions {
  /** Parts of the picture that do not count, or whose name is given with what happens in them. */
  readonly regions?: readonly PictureRegion[] | undefined;
}

/** How a camera fares. */
export interface LiveCounts {
  /** Frames that its source gave. */
  readonly frames: number;
  /** Of these, frames that were passed over because the model had no time for them. */
  readonly dropped: number;
  /** Frames that were scored; those of the warm-up are not. */
  readonly scored: number;
}

/** A camera that is being scored. */
export interface LiveCamera {
  readonly counts: LiveCounts;
  /**
   * Settles when its source is over, or it was stopped, and what waited is scored. Rejects with what
   * its source, or its `onScore`, threw; the other cameras go on.
   */
  readonly ended: Promise<void>;
  /** Scores what waits, and no further frame; the source is left when it gives its next one. */
  stop(): void;
}

/**
 * Scores cameras as their frames come, at their own pace: a source never waits. When
 * there are more than the model can score, each camera in turn gets one frame scored, and what it has
 * to pass over is counted. Without drops the scores are those of {@link Model.score} on the same
 * frames. The cameras share one copy of the weights; what is held of each is bounded.
 */
export class LiveScoring {
  readonly #detector: Pick<Detector, 'open' | 'step'>;
  readonly #calibration: Calibration;
  readonly #room: number;
  readonly #cameras = new Set<Camera>();
  readonly #turns = new Turns();

  constructor(
    detector: Pick<Detector, 'open' | 'step'>,
    calibration: Calibration,
    { room = 2 }: LiveOptions = {},
  ) {
    this.#detector = detector;
    this.#calibration = calibration;
    this.#room = room;
  }

  /**
   * Starts to read a camera, or a file. Frames of a file wait until the model has time for them, so
   * that none is dropped.
   * @param source frames in the model's format; where `live` is false it waits
   * @param onScore called once a scored frame, in order
   */
  add(
    source: VideoSource,
    onScore: (scored: ScoredFrame) => void,
    options: LiveCameraOptions = {},
  ): LiveCamera {
    checkOptions(liveCameraOptions, options, 'add');
    const newScorer = () => new FrameScorer(this.#calibration, source, options.regions);
    const camera = new Camera(this.#detector, new FrameQueue(this.#room), newScorer, onScore);
    this.#cameras.add(camera);
    this.#turns.add(camera.turns);
    const forget = () => {
      this.#cameras.delete(camera);
      this.#turns.remove(camera.turns);
    };
    camera.ended.then(forget, forget);
    void camera.read(source, () => void this.#turns.wake());
    return camera;
  }

  /** Stops all cameras; settles when what waited is scored. */
  async close(): Promise<void> {
    const cameras = [...this.#cameras];
    for (const camera of cameras) camera.stop();
    await Promise.allSettled(cameras.map(({ ended }) => ended));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One camera: its source pushes frames, the turns take them. */
class Camera implements LiveCamera {
  readonly turns: TurnCamera<Frame, FrameScorer>;
  readonly #queue: FrameQueue<Frame>;
  readonly #end = Promise.withResolvers<void>();
  #over = false;
  #frames = 0;
  #scored = 0;

  constructor(
    detector: Pick<Detector, 'open' | 'step'>,
    queue: FrameQueue<Frame>,
    newScorer: () => FrameScorer,
    onScore: (scored: ScoredFrame) => void,
  ) {
    this.#queue = queue;
    this.turns = new TurnCamera(detector, {
      next: () => queue.shift(),
      newScorer,
      onErrors: (frame, errors, scorer) => {
        if (errors) {
          this.#scored += 1;
          onScore(scorer.score(frame, errors));
        }
        if (this.#over) this.stop();
      },
      onFailed: (error) => this.#fail(error),
    });
  }

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  get counts(): LiveCounts {
    return { frames: this.#frames, dropped: this.#queue.dropped, scored: this.#scored };
  }

  /** @param wake called when a frame waits */
  async read(source: VideoSource, wake: () => void): Promise<void> {
    try {
      for await (const frame of source) {
        if (source.live === false) await this.#queue.room();
        if (this.#over) break;
        this.#frames += 1;
        this.#queue.push(frame);
        wake();
      }
      this.stop();
    } catch (error) {
      this.#fail(error);
    }
  }

  stop(): void {
    this.#over = true;
    if (!this.turns.busy && this.#queue.length === 0) this.#end.resolve();
  }

  #fail(error: unknown): void {
    this.#over = true;
    this.turns.drop();
    this.#queue.clear();
    this.#end.reject(error);
  }
}
