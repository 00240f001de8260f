import type { Footage } from './history.ts';

/** Days of the budget that may be saved up, and thus spent at once. */
const SAVED_DAYS = 1;

/** Alarms that may be saved up even with a small budget. */
const FEWEST_SAVED = 3;

/** Footage that a threshold needs to be trusted: hours, distinct hours of the day, and expected alarms. */
const TRUSTED = { hours: 6, hoursOfDay: 12, alarms: 10 };

const HOURS_A_DAY = 24;

/** Whether there is enough footage to trust a threshold. */
export interface Trust {
  readonly footage: Footage;
  /** Footage that the budget needs. */
  readonly needed: Footage;
  /** True with less: alarms are listed but not sent. */
  readonly shadow: boolean;
}

/** Upper bound on alarms in any span of `hours`, for any footage; each `real` verdict adds one. */
export const mostAlarms = (budgetPerHour: number, hours: number): number =>
  budgetPerHour * hours + storeOf(budgetPerHour);

/** Capacity of the store: the constant of {@link mostAlarms}. */
export const storeOf = (budgetPerHour: number): number =>
  Math.max(FEWEST_SAVED, SAVED_DAYS * HOURS_A_DAY * budgetPerHour);

/** Footage that a budget's threshold needs: the time of ten alarms, at most six hours. */
export function footageNeeded(budgetPerHour: number): Footage {
  const hours = Math.min(TRUSTED.hours, TRUSTED.alarms / budgetPerHour);
  const share = hours / TRUSTED.hours;
  return { hours, hoursOfDay: Math.max(1, Math.round(share * TRUSTED.hoursOfDay)) };
}

export const isEnough = (footage: Footage, needed: Footage): boolean =>
  footage.hours >= needed.hours && footage.hoursOfDay >= needed.hoursOfDay;

export const largerOf = (a: Footage, b: Footage): Footage => (a.hours >= b.hours ? a : b);
