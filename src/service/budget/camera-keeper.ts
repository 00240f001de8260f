import { explainVerdict } from '../../scoring/budget/explanation.ts';
import { hoursOf, keeperFromHistory } from '../../scoring/budget/from-history.ts';
import { storeOf } from '../../scoring/budget/guarantee.ts';
import { BudgetKeeper } from '../../scoring/budget/keeper.ts';
import { keeperStart } from '../../scoring/budget/start.ts';
import { type Signature, VerdictMemory } from '../../scoring/budget/verdict-memory.ts';
import type { AlarmThreshold } from '../../scoring/threshold.ts';
import type { ThresholdInForce, ThresholdTrust } from '../contract/camera.ts';
import type { AnomalyEvent, Verdict } from '../contract/event.ts';
import type { Held, TrackedEvent } from '../events/event-tracker.ts';
import { signatureOf } from '../events/signature.ts';
import type { CameraScore, ScoredStretch, StoredKeeper } from '../parts.ts';
import { trustLine } from './trust-line.ts';

const HOURS_A_DAY = 24;

/** How a camera keeps its budget: what a person set of it. */
export interface BudgetSettings {
  readonly alarmsPerDay: number;
  readonly call: 'when trusted' | 'always';
}

/** Alarms that may be raised, and the time of the score at which that was so. */
export type Saved = Pick<StoredKeeper['keeper'], 'saved' | 'time'>;

/** What a keeper starts from where none is stored. */
export interface SeenBefore {
  readonly history: readonly ScoredStretch[];
  readonly events: readonly AnomalyEvent[];
}

/**
 * Decides when a camera alarms: the budget keeper, the memory of what was judged normal, and whether
 * anyone is to be told. What it knows goes into {@link stored} and comes back from there.
 */
export class CameraKeeper {
  readonly #model: string;
  readonly #since: number;
  #keeper: BudgetKeeper;
  readonly #memory: VerdictMemory;
  readonly #waiting: Set<string>;
  #taken: StoredKeeper['taken'];
  #budget: BudgetSettings;

  /**
   * @param measured of the model's held-out footage
   * @param stored of an earlier run; not used where it is of another model
   * @param seen asked for what was scored by this model before
   */
  constructor(
    model: string,
    measured: AlarmThreshold,
    budget: BudgetSettings,
    stored: StoredKeeper | undefined,
    seen: () => SeenBefore,
  ) {
    const known = stored?.model === model ? stored : undefined;
    this.#model = model;
    // Without a keeper of any model the scores that are stored are of this one.
    this.#since = known?.since ?? (stored ? Date.now() : 0);
    this.#keeper = known
      ? BudgetKeeper.resume(known.keeper)
      : keeperOf(budget.alarmsPerDay / HOURS_A_DAY, measured, seen(), stored === undefined);
    const { memory = [], waiting = [], taken } = stored ?? {};
    this.#taken = known?.taken;
    // What a learning has taken is in its model.
    const left = (id: string, learned: readonly string[] = []) =>
      known !== undefined || !learned.includes(id);
    this.#memory = new VerdictMemory(memory.filter(({ id }) => left(id, taken?.normal)));
    this.#waiting = new Set(waiting.filter((id) => left(id, taken?.verdicts)));
    this.#budget = budget;
    this.budget = budget;
  }

  /** That of a model which is not in use. */
  static asStored(stored: StoredKeeper, budget: BudgetSettings): CameraKeeper {
    return new CameraKeeper(stored.model, noMeasure, budget, stored, () => none);
  }

  get stored(): StoredKeeper {
    return {
      model: this.#model,
      since: this.#since,
      keeper: this.#keeper.state,
      memory: this.#memory.events,
      waiting: [...this.#waiting],
      taken: this.#taken,
    };
  }

  set budget(budget: BudgetSettings) {
    this.#budget = budget;
    const perHour = budget.alarmsPerDay / HOURS_A_DAY;
    if (perHour !== this.#keeper.budgetPerHour) this.#keeper.budgetPerHour = perHour;
  }

  /** Alarms are listed but not sent. */
  get shadow(): boolean {
    return this.#budget.call === 'when trusted' && this.#keeper.trust.shadow;
  }

  /** An alarm starts with a score above it, unless it is held. */
  get level(): number {
    return this.#keeper.level;
  }

  /** How much higher than a remembered event's peak a score may be and still be like it. */
  get likeMargin(): number {
    return this.#keeper.meanExcess;
  }

  get threshold(): ThresholdInForce {
    const { footage, needed } = this.#keeper.trust;
    return {
      threshold: this.#keeper.level,
      alarmsPerDay: this.#budget.alarmsPerDay,
      hours: footage.hours,
      expectedAlarmsPerDay: HOURS_A_DAY * this.#keeper.expectedRate,
      confidence: 1,
      hoursNeeded: needed.hours,
      time: Date.now(),
    };
  }

  get trust(): ThresholdTrust {
    const { footage, needed } = this.#keeper.trust;
    const trust = {
      shadow: this.shadow,
      hours: footage.hours,
      hoursOfDay: footage.hoursOfDay,
      hoursNeeded: needed.hours,
      hoursOfDayNeeded: needed.hoursOfDay,
      alarmsLeft: Math.floor(this.#keeper.saved),
      most: storeOf(this.#keeper.budgetPerHour),
    };
    return { line: trustLine(trust, this.#budget), ...trust };
  }

  /** Verdicts that the next learning takes into account. */
  get verdictsWaiting(): number {
    return this.#waiting.size;
  }

  /** What the budget has saved, and since when: all models of a camera pay from one store. */
  get saved(): Saved {
    const { saved, time } = this.#keeper.state;
    return { saved, time };
  }

  set saved(saved: Saved) {
    this.#keeper = BudgetKeeper.resume({ ...this.#keeper.state, ...saved });
  }

  /**
   * A learning takes the verdicts that wait now.
   * @param normal events judged normal whose footage it has
   */
  beingLearned(normal: readonly string[]): void {
    this.#taken = { verdicts: [...this.#waiting], normal };
  }

  /** With another budget; this one stays as it is. */
  with(budget: BudgetSettings): CameraKeeper {
    const copy = CameraKeeper.asStored(this.stored, this.#budget);
    copy.budget = budget;
    return copy;
  }

  /** What was seen in the last week has other scores, as with other regions. */
  rescore(history: readonly ScoredStretch[]): void {
    this.#keeper = BudgetKeeper.resume({ ...this.#keeper.state, hours: hoursOf(history) });
  }

  /** The next score. @returns why it may not start an alarm, where it may not */
  push(score: CameraScore): Held | undefined {
    this.#keeper.push(score.time, score.score);
    if (score.score <= this.#keeper.level) return undefined;
    const alike = this.#memory.find(signatureOf(score), this.#keeper.meanExcess);
    if (alike) return { alike: { event: alike.id, time: alike.time }, withheld: false };
    return this.#keeper.saved < 1 ? { alike: null, withheld: true } : undefined;
  }

  started({ id, start, peak }: TrackedEvent): void {
    this.#keeper.alarm(id, start, peak.score);
  }

  /** It has a higher peak, or ended. */
  changed({ id, end, peak }: TrackedEvent): void {
    this.#keeper.update(id, { peak: peak.score, ...(end === null ? {} : { end }) });
  }

  /** The camera did not show its scene: the alarm counts for nothing. */
  withdraw(id: string): void {
    this.#keeper.withdraw(id);
  }

  /** An odd minute was judged. */
  oddMinuteJudged(id: string, verdict: Verdict): void {
    this.#wait(id, verdict);
  }

  /** @returns what the verdict did, in a sentence; null where it was taken back and did nothing */
  judge(event: AnomalyEvent, verdict: Verdict, signatures: readonly Signature[]): string | null {
    const { id, start, end, threshold, peak } = event;
    if (event.retracted !== null) return null;
    this.#wait(id, verdict);
    this.#memory.forget(id);
    if (start < this.#since)
      return verdict === 'open' ? null : 'It is of an earlier model: the next learning uses it';
    this.#keeper.note({ id, start, end, threshold, peak: peak.score });
    if (verdict === 'normal') this.#memory.remember({ id, time: start, signatures });
    const effect = this.#keeper.judge(id, verdict === 'open' ? null : verdict);
    if (!effect) return null;
    const likeIt = verdict === 'normal' && signatures.length > 0;
    return explainVerdict(effect, { likeIt });
  }

  #wait(id: string, verdict: Verdict): void {
    if (this.#taken) {
      const without = (ids: readonly string[]) => ids.filter((taken) => taken !== id);
      const { verdicts, normal } = this.#taken;
      this.#taken = { verdicts: without(verdicts), normal: without(normal) };
    }
    if (verdict === 'open') this.#waiting.delete(id);
    else this.#waiting.add(id);
  }
}

const none: SeenBefore = { history: [], events: [] };

/** Never read: a copy has its state. */
const noMeasure = {} as AlarmThreshold;

function keeperOf(
  perHour: number,
  measured: AlarmThreshold,
  { history, events }: SeenBefore,
  sameModel: boolean,
): BudgetKeeper {
  const start = keeperStart(measured);
  const kept = (sameModel ? events : [])
    .filter(({ kind, retracted }) => kind === 'alarm' && retracted === null)
    .map(({ id, start: began, end, threshold, peak, verdict }) => ({
      id,
      start: began,
      end,
      threshold,
      excess: start.tail.meanExcess,
      peak: peak.score,
      verdict: verdict === 'open' ? null : verdict,
      refunded: 0,
    }));
  return keeperFromHistory(perHour, start, history, kept);
}
