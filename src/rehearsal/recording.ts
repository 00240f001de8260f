import type { AlarmChange, BudgetedAlarm } from '../scoring/budget/alarms.ts';
import type { BudgetKeeper } from '../scoring/budget/keeper.ts';

const SECOND = 1000;

/** One scored frame of a rehearsal. */
interface RecordedFrame {
  /** Milliseconds since the start. */
  readonly time: number;
  readonly score: number;
  readonly blockDifference: number;
  readonly threshold: number;
  readonly changes: readonly AlarmChange[];
  readonly file: string;
}

/** An alarm of a rehearsal. */
export interface RecordedAlarm extends BudgetedAlarm {
  readonly file: string;
  /** When the file began, in milliseconds since the start. */
  readonly fileStart: number;
  /** Too little footage was known for the budget: nobody would have been called. */
  readonly shadow: boolean;
}

/** What happened in a rehearsal, second by second. */
export class Recording {
  readonly #keeper: BudgetKeeper;
  readonly #alarms = new Map<string, RecordedAlarm>();
  #file = '';
  #fileStart = 0;
  #hours = 0;
  #shadowHours = 0;
  /** One a second: the highest score, the highest block difference, the threshold at its end. */
  readonly scores: number[] = [];
  readonly differences: number[] = [];
  readonly thresholds: number[] = [];

  constructor(keeper: BudgetKeeper) {
    this.#keeper = keeper;
  }

  get alarms(): readonly RecordedAlarm[] {
    return [...this.#alarms.values()];
  }

  /** Of footage. */
  get hours(): number {
    return this.#hours;
  }

  get shadowHours(): number {
    return this.#shadowHours;
  }

  push({ time, score, blockDifference, threshold, changes, file }: RecordedFrame): void {
    if (file !== this.#file) {
      this.#file = file;
      this.#fileStart = this.#hours * 3600 * SECOND;
    }
    const second = Math.floor(time / SECOND);
    if (second >= this.scores.length && this.#keeper.trust.shadow)
      this.#shadowHours = (second + 1) / 3600;
    while (this.scores.length <= second) {
      this.scores.push(Number.NEGATIVE_INFINITY);
      this.differences.push(0);
      this.thresholds.push(threshold);
    }
    this.scores[second] = Math.max(this.scores[second]!, score);
    this.differences[second] = Math.max(this.differences[second]!, blockDifference);
    this.thresholds[second] = threshold;
    this.#take(changes);
  }

  /** A file is over. */
  end(changes: readonly AlarmChange[], time: number): void {
    this.#take(changes);
    this.#hours = time / SECOND / 3600;
  }

  #take(changes: readonly AlarmChange[]): void {
    for (const { alarm } of changes) {
      const known = this.#alarms.get(alarm.id);
      const shadow = known?.shadow ?? this.#keeper.trust.shadow;
      const [file, fileStart] = known
        ? [known.file, known.fileStart]
        : [this.#file, this.#fileStart];
      this.#alarms.set(alarm.id, { ...alarm, file, fileStart, shadow });
    }
  }
}
