import type { CellErrors } from '../scoring/blocks.ts';
import type { Calibration } from '../scoring/calibration.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import type { Detector } from './detector.ts';
import { FrameQueue } from './frame-queue.ts';
import { FrameScorer, type ScoredFrame } from './frame-scorer.ts';
import type { Stream } from './stream.ts';

export interface LiveOptions {
  /** Frames of a camera that may wait while the model is busy; default 2. */
  readonly room?: number | undefined;
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
 * Scores cameras as their frames come, at their own pace: whoever gives frames never waits. When
 * there are more than the model can score, each camera in turn gets one frame scored, and what it has
 * to pass over is counted. Without drops the scores are those of {@link Model.score} on the same
 * frames. The cameras share one copy of the weights; what is held of each is bounded.
 */
export class LiveScoring {
  readonly #detector: Pick<Detector, 'open' | 'step'>;
  readonly #calibration: Calibration;
  readonly #room: number;
  readonly #cameras = new Set<Camera>();
  #working = false;

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
   * Starts to read a camera. A file that is read as fast as it can be would lose most of its frames
   * here: that is what {@link Model.score} is for.
   * @param source frames in the model's format
   * @param onScore called once a scored frame, in order
   */
  add(source: VideoSource, onScore: (scored: ScoredFrame) => void): LiveCamera {
    const camera = new Camera(
      this.#detector.open(),
      new FrameQueue(this.#room),
      new FrameScorer(this.#calibration, source),
      onScore,
    );
    this.#cameras.add(camera);
    const forget = () => this.#cameras.delete(camera);
    camera.ended.then(forget, forget);
    void camera.read(source, () => void this.#work());
    return camera;
  }

  /** Stops all cameras; settles when what waited is scored. */
  async close(): Promise<void> {
    const cameras = [...this.#cameras];
    for (const camera of cameras) camera.stop();
    await Promise.allSettled(cameras.map(({ ended }) => ended));
  }

  /** Takes turns until nothing waits: in each, one frame of every camera that has one. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      const turn = [...this.#cameras].filter((camera) => camera.take());
      if (turn.length === 0) break;
      await this.#score(turn);
    }
    this.#working = false;
  }

  async #score(turn: readonly Camera[]): Promise<void> {
    try {
      const errors = await this.#detector.step(
        turn.map(({ stream, taken }) => ({ stream, frame: taken!.data })),
      );
      for (const [i, camera] of turn.entries()) camera.give(errors[i]);
    } catch (error) {
      for (const camera of turn) camera.fail(error);
    }
  }
}

/** One camera: its source pushes, the turns take. */
class Camera implements LiveCamera {
  readonly stream: Stream;
  /** The frame that is in the turn under way. */
  taken: Frame | undefined;
  readonly #queue: FrameQueue<Frame>;
  readonly #scorer: FrameScorer;
  readonly #onScore: (scored: ScoredFrame) => void;
  readonly #end = Promise.withResolvers<void>();
  #over = false;
  #frames = 0;
  #scored = 0;

  constructor(
    stream: Stream,
    queue: FrameQueue<Frame>,
    scorer: FrameScorer,
    onScore: (scored: ScoredFrame) => void,
  ) {
    this.stream = stream;
    this.#queue = queue;
    this.#scorer = scorer;
    this.#onScore = onScore;
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
        if (this.#over) break;
        this.#frames += 1;
        this.#queue.push(frame);
        wake();
      }
      this.stop();
    } catch (error) {
      this.fail(error);
    }
  }

  stop(): void {
    this.#over = true;
    if (!this.taken && this.#queue.length === 0) this.#end.resolve();
  }

  fail(error: unknown): void {
    this.#over = true;
    this.taken = undefined;
    this.#end.reject(error);
  }

  /** Takes the frame that waits longest into a turn; false where none waits. */
  take(): boolean {
    this.taken = this.#queue.shift();
    return this.taken !== undefined;
  }

  /** Ends the turn of the frame that was taken; in the warm-up it has no errors. */
  give(errors: CellErrors | undefined): void {
    const frame = this.taken;
    this.taken = undefined;
    // Its source failed while the turn was under way.
    if (!frame) return;
    try {
      if (errors) {
        this.#scored += 1;
        this.#onScore(this.#scorer.score(frame, errors));
      }
      if (this.#over) this.stop();
    } catch (error) {
      this.fail(error);
    }
  }
}
