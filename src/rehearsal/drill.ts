import type { Detector } from '../detector/detector.ts';
import { RegionScorer } from '../scoring/regions/region-scorer.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import type { StreamSettings } from '../scoring/score.ts';
import type { NormalStatistics } from '../scoring/statistics.ts';
import { estimateBackground } from '../training/synthetic/blobs.ts';
import type { FrameFormat } from '../video/frame.ts';
import { BlockDifference } from './block-difference.ts';
import type { Insertion, InsertionKind, Insertions } from './insertions.ts';

/** Pictures that the background is taken from, and how far they are apart, in seconds. */
const BACKGROUND_PICTURES = 25;
const BACKGROUND_EVERY = 2;

/** A frame as it was recorded, and what the rehearsal made of it. */
export interface RehearsedFrame {
  /** Milliseconds since the start. */
  readonly time: number;
  /** Bytes `[channels, height, width]`. */
  readonly data: Uint8Array;
  /** Above which an alarm would start. */
  readonly threshold: number;
  /** No alarm is on, nor was one within the grouping time. */
  readonly quiet: boolean;
  readonly statistics: NormalStatistics;
}

/** What became of an insertion. */
export interface DrillResult {
  readonly kind: InsertionKind;
  /** When it began, in milliseconds since the start. */
  readonly time: number;
  /** Seconds from its beginning to the alarm; `null` where none was raised. */
  readonly delay: number | null;
  /** Highest {@link BlockDifference} while it was there. */
  readonly difference: number;
}

interface Underway {
  readonly insertion: Insertion;
  readonly before: readonly Uint8Array[];
  readonly frames: RehearsedFrame[];
}

/**
 * Puts odd things into copies of the footage, and asks whether an alarm would have been raised. The
 * rehearsal itself goes on without them, so a drill costs no budget.
 */
export class Drill {
  readonly #detector: Pick<Detector, 'errors' | 'clipLength'>;
  readonly #settings: StreamSettings;
  readonly #format: FrameFormat;
  readonly #insertions: Insertions;
  readonly #plan: number[];
  readonly #regions: readonly PictureRegion[];
  readonly #recent: Uint8Array[] = [];
  readonly #background: Uint8Array[] = [];
  #backgroundTime = Number.NEGATIVE_INFINITY;
  #underway: Underway | undefined;
  readonly results: DrillResult[] = [];

  /**
   * @param plan when insertions begin at the earliest, in milliseconds
   * @param regions parts of the picture, of which some may not count
   */
  constructor(
    detector: Pick<Detector, 'errors' | 'clipLength' | 'format'>,
    settings: StreamSettings,
    insertions: Insertions,
    plan: readonly number[],
    regions: readonly PictureRegion[] = [],
  ) {
    this.#regions = regions;
    this.#detector = detector;
    this.#settings = settings;
    this.#format = detector.format;
    this.#insertions = insertions;
    this.#plan = plan.toSorted((a, b) => a - b);
  }

  /** The next frame of the rehearsal. An insertion is judged once the last frame of it has come. */
  async push(frame: RehearsedFrame): Promise<void> {
    if (this.#underway) await this.#continue(this.#underway, frame);
    else if (this.#mayBegin(frame))
      this.#underway = {
        insertion: this.#insertions.next(),
        before: [...this.#recent],
        frames: [frame],
      };
    this.#remember(frame);
  }

  /** The pictures that follow are not the next ones. What was under way is begun again later. */
  interrupt(): void {
    if (this.#underway) this.#plan.unshift(this.#underway.frames[0]!.time);
    this.#underway = undefined;
    this.#recent.length = 0;
  }

  #mayBegin({ time, quiet }: RehearsedFrame): boolean {
    const due = this.#plan[0];
    if (due === undefined || time < due || !quiet || this.#background.length < BACKGROUND_PICTURES)
      return false;
    if (this.#recent.length < this.#warmUp) return false;
    this.#plan.shift();
    return true;
  }

  /** Frames before an insertion that its scores look back on. */
  get #warmUp(): number {
    return this.#detector.clipLength - 1 + this.#settings.window;
  }

  async #continue(underway: Underway, frame: RehearsedFrame): Promise<void> {
    // An alarm on the footage itself says nothing about the insertion.
    if (!frame.quiet) {
      this.#plan.unshift(underway.frames[0]!.time);
      this.#underway = undefined;
      return;
    }
    underway.frames.push(frame);
    // The smoothing brings the score of the last frames a little later.
    if (underway.frames.length < underway.insertion.frames + this.#settings.window) return;
    this.#underway = undefined;
    this.results.push(await this.#judge(underway));
  }

  async #judge({ insertion, before, frames }: Underway): Promise<DrillResult> {
    const pictures = frames.map(({ data }) => data.slice());
    insertion.apply(pictures.slice(0, insertion.frames), estimateBackground(this.#background));
    const sequence = [...before, ...pictures];
    const difference = this.#largestDifference(sequence, before.length);
    const begin = frames[0]!.time;
    const scorer = new RegionScorer(frames[0]!.statistics, this.#settings, this.#regions);
    let at = -before.length;
    let delay: number | null = null;
    for await (const errors of this.#detector.errors(inOrder(sequence))) {
      const score = errors && scorer.push(errors).counted.score;
      const frame = frames[at++];
      if (delay === null && frame && score !== undefined && score > frame.threshold)
        delay = (frame.time - begin) / 1000;
    }
    return { kind: insertion.kind, time: begin, delay, difference };
  }

  #largestDifference(sequence: readonly Uint8Array[], first: number): number {
    const meter = new BlockDifference(this.#format, this.#settings.window);
    const values = sequence.map((picture) => meter.push(picture));
    return Math.max(...values.slice(first));
  }

  #remember({ time, data }: RehearsedFrame): void {
    this.#recent.push(data);
    if (this.#recent.length > this.#warmUp) this.#recent.shift();
    if (time - this.#backgroundTime < 1000 * BACKGROUND_EVERY) return;
    this.#backgroundTime = time;
    this.#background.push(data);
    if (this.#background.length > BACKGROUND_PICTURES) this.#background.shift();
  }
}

async function* inOrder<T>(things: readonly T[]): AsyncGenerator<T> {
  yield* things;
}
