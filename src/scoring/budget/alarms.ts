import { defaultGrouping, Episodes } from '../alarm/episodes.ts';
import type { BudgetKeeper } from './keeper.ts';

/** An alarm under way, or over. Times in milliseconds. */
export interface BudgetedAlarm {
  readonly id: string;
  readonly start: number;
  readonly end: number | null;
  readonly threshold: number;
  readonly peak: number;
  readonly peakTime: number;
}

export interface AlarmChange {
  readonly change: 'started' | 'ended';
  readonly alarm: BudgetedAlarm;
}

/** Turns a stream of scores into alarms within a keeper's budget. */
export class BudgetedAlarms {
  readonly #keeper: BudgetKeeper;
  readonly #episodes: Episodes;
  readonly #nextId: () => string;
  #alarm: BudgetedAlarm | undefined;
  #withheld = 0;
  #aboveWithheld = false;

  constructor(keeper: BudgetKeeper, nextId: () => string, grouping = defaultGrouping) {
    this.#keeper = keeper;
    this.#nextId = nextId;
    this.#episodes = new Episodes(grouping);
  }

  /** How often the score rose above the level with the budget used up. */
  get withheld(): number {
    return this.#withheld;
  }

  get alarm(): BudgetedAlarm | undefined {
    return this.#alarm;
  }

  /** False during an alarm and the grouping time after it. */
  get quiet(): boolean {
    return this.#episodes.state === 'quiet';
  }

  push(time: number, score: number): AlarmChange[] {
    this.#keeper.push(time, score);
    const changes = this.#end(this.#episodes.advance(time));
    const threshold = this.#alarm?.threshold ?? this.#keeper.threshold;
    if (this.#episodes.push(time, score > threshold)) {
      const id = this.#nextId();
      this.#keeper.alarm(id, time, score);
      this.#alarm = { id, start: time, end: null, threshold, peak: score, peakTime: time };
      changes.push({ change: 'started', alarm: this.#alarm });
    } else if (this.#alarm && score > this.#alarm.peak) {
      this.#alarm = { ...this.#alarm, peak: score, peakTime: time };
      this.#keeper.update(this.#alarm.id, { peak: score });
    }
    const withheld = this.#alarm === undefined && score > this.#keeper.level && this.quiet;
    if (withheld && !this.#aboveWithheld) this.#withheld += 1;
    this.#aboveWithheld = withheld;
    return changes;
  }

  /** Ends the alarm at a break in the scores. */
  interrupt(time: number): AlarmChange[] {
    return this.#end(this.#episodes.interrupt(time));
  }

  #end(end: number | undefined): AlarmChange[] {
    const alarm = this.#alarm;
    if (end === undefined || alarm === undefined) return [];
    this.#alarm = undefined;
    this.#keeper.update(alarm.id, { end });
    return [{ change: 'ended', alarm: { ...alarm, end } }];
  }
}
