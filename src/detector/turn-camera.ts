import type { CellErrors } from '../scoring/blocks.ts';
import type { Detector } from './detector.ts';
import type { Stream } from './stream.ts';
import type { TurnTaker } from './turns.ts';

export interface TurnFrame {
  /** In the model's format. */
  readonly data: Uint8Array;
  /** Frames follow each other without a break while this number stays the same. */
  readonly stretch?: number | undefined;
}

/** Where the frames of a camera come from, and where their errors go. */
export interface TurnCameraOptions<Frame extends TurnFrame, Scorer> {
  /** The frame that waits longest; undefined where none does. */
  next(): Frame | undefined;
  /** A scorer for a stretch that begins. */
  newScorer(): Scorer;
  /** A frame went through the model; there are no errors in the warm-up. */
  onErrors(frame: Frame, errors: CellErrors | undefined, scorer: Scorer): void;
  /** A frame could not be scored, or `onErrors` threw. Must not throw. */
  onFailed(error: unknown): void;
}

/** A camera in turns with others. Each stretch of its frames has its own stream and scorer. */
export class TurnCamera<Frame extends TurnFrame, Scorer> implements TurnTaker {
  readonly detector: Pick<Detector, 'open' | 'step'>;
  readonly #options: TurnCameraOptions<Frame, Scorer>;
  #stream: Stream;
  #scorer: Scorer;
  #stretch: number | undefined;
  #taken: Frame | undefined;

  constructor(
    detector: Pick<Detector, 'open' | 'step'>,
    options: TurnCameraOptions<Frame, Scorer>,
  ) {
    this.detector = detector;
    this.#options = options;
    this.#stream = detector.open();
    this.#scorer = options.newScorer();
  }

  get stream(): Stream {
    return this.#stream;
  }

  /** Whether a frame of it is in the turn under way. */
  get busy(): boolean {
    return this.#taken !== undefined;
  }

  take(): Uint8Array | undefined {
    const frame = this.#options.next();
    if (frame && frame.stretch !== this.#stretch) {
      // Frames before a gap say nothing about those after it.
      if (this.#stretch !== undefined) {
        this.#stream = this.detector.open();
        this.#scorer = this.#options.newScorer();
      }
      this.#stretch = frame.stretch;
    }
    this.#taken = frame;
    return frame?.data;
  }

  give(errors: CellErrors | undefined): void {
    const frame = this.#taken;
    this.#taken = undefined;
    // Dropped while its turn was under way.
    if (!frame) return;
    try {
      this.#options.onErrors(frame, errors, this.#scorer);
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  fail(error: unknown): void {
    this.drop();
    this.#options.onFailed(error);
  }

  /** The frame in the turn under way counts no more. */
  drop(): void {
    this.#taken = undefined;
  }
}
