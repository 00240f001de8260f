import { UnknownCase } from '../../errors.ts';
import { footageNeeded, isEnough, largerOf, storeOf, type Trust } from './guarantee.ts';
import { type Footage, type HourOfPeaks, PeakHistory } from './history.ts';
import { type AlarmTail, rateAt, thresholdAt } from './tail.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Exponent of the target rate's growth from an empty store to a full one. */
const SPAN = 4;

/** Share of the store at which the target is the budget itself. */
const BALANCE = 0.6;

/** Limit, in budgets, on the alarm rate of ordinary footage when a `real` event lowers the threshold. */
const FLOOD = 10;

/** Cap on the height of an event judged normal, in mean excesses above the threshold. */
const NORMAL_EXCESSES = 5;

/** Distance of the threshold below an event judged real, as a share of the mean excess. */
const BELOW_REAL = 0.05;

/** Fewest hours of live footage that are used. */
const LEAST_LIVE_HOURS = 0.5;

/** Milliseconds between measurements of the tail. */
const MEASURED_EVERY = 600_000;

/** Lower bound on the live mean excess, as a share of the model's. */
const SMALLEST_EXCESS = 0.25;

const KEPT_EVENTS = 500;
const WEEK = 168 * HOUR;

export type Verdict = 'real' | 'normal';

/** Known before the first live score, from the model's held-out footage. */
export interface KeeperStart {
  readonly tail: AlarmTail;
  readonly footage: Footage;
}

/** An alarm that the keeper counted. Times in milliseconds. Plain JSON. */
export interface KeptEvent {
  readonly id: string;
  readonly start: number;
  readonly end: number | null;
  /** Threshold at its start. */
  readonly threshold: number;
  /** Mean excess at its start. */
  readonly excess: number;
  readonly peak: number;
  readonly verdict: Verdict | null;
  /** Share of an alarm that was refunded to the budget. */
  readonly refunded: number;
  /** A judged near miss, which never cost budget. */
  readonly free?: boolean | undefined;
  /** The camera did not show its scene, so these minutes are ignored. */
  readonly withdrawn?: boolean | undefined;
}

/** State of a keeper. Plain JSON. */
export interface KeeperState {
  readonly budgetPerHour: number;
  readonly start: KeeperStart;
  /** Alarms that may be raised. */
  readonly saved: number;
  /** Of the latest score; `null` before the first. */
  readonly time: number | null;
  readonly hours: readonly HourOfPeaks[];
  readonly events: readonly KeptEvent[];
}

/** What a verdict did. */
export interface VerdictEffect {
  readonly from: number;
  readonly to: number;
  readonly verdict: Verdict | null;
  readonly event: KeptEvent;
}

/**
 * Keeps a camera's alarms within a budget, whatever the footage shows. Alarms are paid from a store
 * that the budget fills: with an empty one there is no alarm, so that in any span of time there are
 * at most {@link mostAlarms}. The threshold is what spends the store well: where ordinary footage of
 * the last week raises alarms at a target rate, which is the budget when the store is at its balance,
 * rises as it fills and falls as it empties. The bound holds without any assumption; how well
 * the alarms are chosen depends on how alike this week and the last are.
 *
 * It has no clock and no I/O. Times come with the scores, in milliseconds since 1970.
 */
export class BudgetKeeper {
  #budgetPerHour: number;
  #saved: number;
  #time: number | undefined;
  /** Undefined where something has changed since it was measured. */
  #measured: AlarmTail | undefined;
  readonly #start: KeeperStart;
  readonly #history: PeakHistory;
  readonly #events: Map<string, KeptEvent>;

  /** @throws RangeError where the budget is not above 0. */
  constructor(budgetPerHour: number, start: KeeperStart, state?: KeeperState) {
    requireBudget(budgetPerHour);
    this.#budgetPerHour = budgetPerHour;
    this.#start = start;
    this.#saved = state?.saved ?? BALANCE * storeOf(budgetPerHour);
    this.#time = state?.time ?? undefined;
    this.#history = new PeakHistory(state?.hours);
    this.#events = new Map(state?.events.map((event) => [event.id, event]));
  }

  /** Goes on where {@link state} was taken. */
  static resume(state: KeeperState): BudgetKeeper {
    return new BudgetKeeper(state.budgetPerHour, state.start, state);
  }

  get state(): KeeperState {
    return {
      budgetPerHour: this.#budgetPerHour,
      start: this.#start,
      saved: this.#saved,
      time: this.#time ?? null,
      hours: structuredClone(this.#history.hours),
      events: [...this.#events.values()],
    };
  }

  get budgetPerHour(): number {
    return this.#budgetPerHour;
  }

  /** Another budget, from now on; what is saved keeps its share of the store. */
  set budgetPerHour(budgetPerHour: number) {
    requireBudget(budgetPerHour);
    this.#saved *= storeOf(budgetPerHour) / storeOf(this.#budgetPerHour);
    this.#budgetPerHour = budgetPerHour;
    this.#measured = undefined;
  }

  /** Alarms that may be raised now. */
  get saved(): number {
    return this.#saved;
  }

  get trust(): Trust {
    const needed = footageNeeded(this.#budgetPerHour);
    const live = this.#history.footage;
    const footage = isEnough(live, needed) ? live : largerOf(live, this.#start.footage);
    return { footage, needed, shadow: !isEnough(footage, needed) };
  }

  /** Scores above it start an alarm. Infinite while the store is empty. */
  get threshold(): number {
    return this.#saved >= 1 ? this.level : Number.POSITIVE_INFINITY;
  }

  /** {@link threshold} regardless of an empty store: scores above it that raise no alarm are withheld. */
  get level(): number {
    const level = thresholdAt(this.#tail, this.#targetRate);
    const real = [...this.#events.values()].filter(({ verdict }) => verdict === 'real');
    if (real.length === 0) return level;
    const below = Math.min(...real.map(({ peak, excess }) => peak - BELOW_REAL * excess));
    const flood = thresholdAt(this.#tail, FLOOD * this.#budgetPerHour);
    return Math.min(level, Math.max(flood, below));
  }

  /** Alarms an hour that ordinary footage would raise at {@link level}. */
  get expectedRate(): number {
    return rateAt(this.#tail, this.level);
  }

  /** Mean excess of the tail: the scale of this camera's scores. */
  get meanExcess(): number {
    return this.#tail.meanExcess;
  }

  get events(): readonly KeptEvent[] {
    return [...this.#events.values()];
  }

  /** Adds a score, before {@link alarm} is called for it. */
  push(time: number, score: number): void {
    const before = this.#time ?? time;
    const earned = (this.#budgetPerHour * Math.max(0, time - before)) / HOUR;
    this.#saved = Math.min(storeOf(this.#budgetPerHour), this.#saved + earned);
    this.#time = time;
    this.#history.push(time, score);
    if (measuredUntil(time) !== measuredUntil(before)) this.#measured = undefined;
  }

  /**
   * Counts an alarm that starts now.
   * @throws RangeError where nothing is saved, since the budget would not hold.
   */
  alarm(id: string, time: number, score: number): KeptEvent {
    if (this.#saved < 1) throw new RangeError('an alarm beyond the budget');
    const event: KeptEvent = {
      id,
      start: time,
      end: null,
      threshold: this.level,
      excess: this.#tail.meanExcess,
      peak: score,
      verdict: null,
      refunded: 0,
    };
    this.#saved -= 1;
    this.#events.set(id, event);
    this.#forgetOld(time);
    this.#measured = undefined;
    return event;
  }

  /** Adds an event that was no alarm, so that it can be judged. It costs nothing. */
  note(event: Pick<KeptEvent, 'id' | 'start' | 'end' | 'threshold' | 'peak'>): void {
    if (this.#events.has(event.id)) return;
    const excess = this.#tail.meanExcess;
    this.#events.set(event.id, { ...event, excess, verdict: null, refunded: 0, free: true });
    this.#forgetOld(this.#time ?? event.start);
    this.#measured = undefined;
  }

  /** Withdraws an alarm and refunds its cost, since the camera did not show its scene. */
  withdraw(id: string): void {
    const event = this.#events.get(id);
    if (!event || event.withdrawn) return;
    const cost = event.free ? 0 : 1 - event.refunded;
    this.#saved = Math.min(storeOf(this.#budgetPerHour), this.#saved + cost);
    this.#events.set(id, { ...event, withdrawn: true, refunded: 1 });
    this.#measured = undefined;
  }

  /** Updates an alarm; ignored if it was forgotten. */
  update(id: string, change: Partial<Pick<KeptEvent, 'peak' | 'end'>>): void {
    const event = this.#events.get(id);
    if (event) this.#events.set(id, { ...event, ...change });
    if (change.end !== undefined) this.#measured = undefined;
  }

  /**
   * Judges an alarm, or withdraws the verdict and all its effects (`null`).
   * @returns undefined if the alarm was forgotten or withdrawn
   */
  judge(id: string, verdict: Verdict | null): VerdictEffect | undefined {
    const event = this.#events.get(id);
    if (!event) return undefined;
    if (event.withdrawn) return undefined;
    const from = this.level;
    const due = verdict === 'real' && !event.free ? 1 : 0;
    const room = Math.max(0, storeOf(this.#budgetPerHour) - this.#saved);
    const refunded = event.refunded + Math.min(room, due - event.refunded);
    this.#saved += refunded - event.refunded;
    const judged = { ...event, verdict, refunded };
    this.#events.set(id, judged);
    this.#measured = undefined;
    return { from, to: this.level, verdict, event: judged };
  }

  get #targetRate(): number {
    const share = this.#saved / storeOf(this.#budgetPerHour);
    return this.#budgetPerHour * Math.exp(SPAN * (share - BALANCE));
  }

  get #tail(): AlarmTail {
    this.#measured ??= this.#measure();
    return this.#measured;
  }

  /** Live footage alone once there is enough; until then never below the model's own tail. */
  #measure(): AlarmTail {
    const { tail } = this.#start;
    const footage = this.#history.footage;
    if (footage.hours < LEAST_LIVE_HOURS) return tail;
    const until = measuredUntil(this.#time!);
    const view = (time: number, peak: number) =>
      time < until ? this.#counted(time, peak) : undefined;
    const live = this.#history.tail(view, tail.meanExcess * SMALLEST_EXCESS);
    if (live === undefined) return tail;
    return isEnough(footage, footageNeeded(this.#budgetPerHour)) ? live : higherOf(tail, live);
  }

  /** Peak of a minute as far as it counts as ordinary footage. */
  #counted(time: number, peak: number): number | undefined {
    let counted = peak;
    for (const { start, end, verdict, threshold, excess, withdrawn } of this.#events.values()) {
      const over = end ?? Number.POSITIVE_INFINITY;
      const flank = verdict === 'real' || withdrawn ? MINUTE : 0;
      if (time + MINUTE <= start - flank || time >= over + flank) continue;
      if (withdrawn) return undefined;
      switch (verdict) {
        case 'real':
          return undefined;
        case 'normal':
          // One event shows that such peaks occur, but not how high they get.
          counted = Math.min(counted, threshold + NORMAL_EXCESSES * excess);
          break;
        case null:
          // Not judged: it counts as one alarm, regardless of its height.
          counted = Math.min(counted, threshold + excess);
          break;
        default:
          throw new UnknownCase(verdict satisfies never);
      }
    }
    return counted;
  }

  #forgetOld(now: number): void {
    for (const { id, start, verdict } of this.#events.values())
      if ((verdict === null && now - start >= WEEK) || this.#events.size > KEPT_EVENTS)
        this.#events.delete(id);
  }
}

const measuredUntil = (time: number): number => time - (time % MEASURED_EVERY);

function requireBudget(budgetPerHour: number): void {
  if (!(budgetPerHour > 0) || !Number.isFinite(budgetPerHour))
    throw new RangeError(`a budget of ${budgetPerHour} alarms an hour`);
}

/** The larger of two rates at each level, and thus the higher threshold at each rate. */
function higherOf(a: AlarmTail, b: AlarmTail): AlarmTail {
  const levels = [...a.points, ...b.points].map(({ level }) => level).sort((x, y) => y - x);
  const points = levels.map((level) => ({
    level,
    rate: Math.max(rateAt(a, level), rateAt(b, level)),
  }));
  return { points, meanExcess: Math.max(a.meanExcess, b.meanExcess) };
}
