import { FrameQueue } from '../../detector/frame-queue.ts';
import type { CameraFrame } from '../parts.ts';
import { FRAMES_UNANSWERED } from './messages.ts';

/** Frames of a camera that wait, at most. */
const FRAMES_WAITING = 2;

/** Milliseconds that a mean latency looks back on. */
const LATENCY_SPAN = 5000;

interface Waiting {
  readonly frame: CameraFrame;
  readonly arrived: number;
}

export interface FeedCounts {
  readonly dropped: number;
  readonly scored: number;
  /** Frames that nothing is said of yet. */
  readonly waiting: number;
  /** From arrival to score, the mean of the last seconds. */
  readonly latencyMs: number | null;
}

interface Latency {
  readonly at: number;
  readonly ms: number;
}

/**
 * A camera's frames on their way into the inference process: a few wait here, a few are under way,
 * however long the process takes.
 */
export class CameraFeed {
  readonly #waiting = new FrameQueue<Waiting>(FRAMES_WAITING);
  /** Frames under way, the oldest first. */
  #unanswered: Waiting[] = [];
  #frameBytes: number | undefined;
  #lost = 0;
  #scored = 0;
  #latencies: Latency[] = [];

  /** @param now milliseconds by a clock that only rises, as everywhere here */
  push(frame: CameraFrame, now: number): void {
    this.#waiting.push({ frame, arrived: now });
  }

  /** The process is ready for frames of this size. */
  open(frameBytes: number): void {
    this.#frameBytes = frameBytes;
  }

  /** Nothing is under way any more, and what waits is of no use: the process was lost, or gets another model. */
  close(): void {
    this.#frameBytes = undefined;
    this.#lost += this.#unanswered.length + this.#waiting.length;
    this.#unanswered = [];
    while (this.#waiting.shift());
  }

  /** The next frame to be given to the process, as far as it can take one. */
  take(): CameraFrame | undefined {
    while (this.#frameBytes !== undefined && this.#unanswered.length < FRAMES_UNANSWERED) {
      const next = this.#waiting.shift();
      if (!next) return undefined;
      if (next.frame.data.length !== this.#frameBytes) {
        // The decoder still gives the format of the model before.
        this.#lost += 1;
        continue;
      }
      this.#unanswered.push(next);
      return next.frame;
    }
    return undefined;
  }

  /** The oldest frame under way was answered. @param scored false in the warm-up */
  answered(scored: boolean, now: number): void {
    const answered = this.#unanswered.shift();
    if (!answered || !scored) return;
    this.#scored += 1;
    this.#latencies = this.#recent(now);
    this.#latencies.push({ at: now, ms: now - answered.arrived });
  }

  counts(now: number): FeedCounts {
    const recent = this.#recent(now);
    const sum = recent.reduce((total, { ms }) => total + ms, 0);
    return {
      dropped: this.#waiting.dropped + this.#lost,
      waiting: this.#waiting.length + this.#unanswered.length,
      scored: this.#scored,
      latencyMs: recent.length > 0 ? sum / recent.length : null,
    };
  }

  #recent(now: number): Latency[] {
    return this.#latencies.filter(({ at }) => now - at < LATENCY_SPAN);
  }
}
