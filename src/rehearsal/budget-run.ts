import type { ModelDescription } from '../detector/model-file.ts';
import { BudgetedAlarms } from '../scoring/budget/alarms.ts';
import { BudgetKeeper } from '../scoring/budget/keeper.ts';
import { keeperStart } from '../scoring/budget/start.ts';
import type { NormalStatistics } from '../scoring/statistics.ts';
import type { Drill } from './drill.ts';
import { figuresOf, type Rehearsal } from './figures.ts';
import { Recording } from './recording.ts';

const HOURS_A_DAY = 24;

/** A scored frame, which every budget is tried on. */
interface ScoredFrame {
  /** Milliseconds since the start. */
  readonly time: number;
  readonly score: number;
  /** What the score was taken by. */
  readonly statistics: NormalStatistics;
  /** Bytes `[channels, height, width]`. */
  readonly data: Uint8Array;
  readonly blockDifference: number;
  readonly file: string;
}

/** One budget of a rehearsal: its threshold, its alarms and its drill. */
export class BudgetRun {
  readonly #keeper: BudgetKeeper;
  readonly #alarms: BudgetedAlarms;
  readonly #record: Recording;
  readonly #drill: Drill | undefined;

  /** @param grouping milliseconds between two alarms below which they are one */
  constructor(
    alarmsPerDay: number,
    { threshold }: Pick<ModelDescription, 'threshold'>,
    drill: Drill | undefined,
    grouping?: number,
  ) {
    let count = 0;
    this.#keeper = new BudgetKeeper(alarmsPerDay / HOURS_A_DAY, keeperStart(threshold));
    this.#alarms = new BudgetedAlarms(this.#keeper, () => `${++count}`, grouping);
    this.#record = new Recording(this.#keeper);
    this.#drill = drill;
  }

  /** The next frame. An insertion of the drill is judged once the last frame of it has come. */
  async push({ time, score, statistics, data, blockDifference, file }: ScoredFrame): Promise<void> {
    const { threshold } = this.#keeper;
    const { quiet } = this.#alarms;
    const changes = this.#alarms.push(time, score);
    this.#record.push({ time, score, blockDifference, threshold, changes, file });
    await this.#drill?.push({
      time,
      data,
      threshold,
      quiet: quiet && this.#alarms.quiet,
      statistics,
    });
  }

  /** The frames that follow are not the next ones. */
  interrupt(time: number): void {
    this.#record.end(this.#alarms.interrupt(time), time);
    this.#drill?.interrupt();
  }

  figures(model: string): Rehearsal {
    const { withheld } = this.#alarms;
    return figuresOf(this.#record, this.#keeper, withheld, this.#drill?.results, model);
  }
}
