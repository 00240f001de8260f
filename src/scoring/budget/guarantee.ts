import type { Footage } from './history.ts';

/** Days of the budget that may be saved up, and so the most that may come at once. */
const SAVED_DAYS = 1;

/** Alarms that may be saved up, however small the budget is. */
const FEWEST_SAVED = 3;

/** Hours of footage, and different hours of the day, from which a threshold is trusted. */
const TRUSTED = { hours: 6, hoursOfDay: 12, alarms: 10 };

const HOURS_A_DAY = 24;

/** How far a threshold can be trusted. */
export interface Trust {
  readonly footage: Footage;
  /** What the budget needs. */
  readonly needed: Footage;
  /** There is less: alarms are listed, and nobody is called. */
  readonly shadow: boolean;
}

/** The most alarms in any span of `hours`, whatever the footage shows; each `real` verdict allows one more. */
export const mostAlarms = (budgetPerHour: number, hours: number): number =>
  budgetPerHour * hours + storeOf(budgetPerHour);

/** The constant of {@link mostAlarms}. */
export const storeOf = (budgetPerHour: number): number =>
  Math.max(FEWEST_SAVED, SAVED_DAYS * HOURS_A_DAY * budgetPerHour);

/** Footage from which a threshold for a budget is trusted: ten alarms' time, at most six hours. */
export function footageNeeded(budgetPerHour: number): Footage {
  const hours = Math.min(TRUSTED.hours, TRUSTED.alarms / budgetPerHour);
  const share = hours / TRUSTED.hours;
  return { hours, hoursOfDay: Math.max(1, Math.round(share * TRUSTED.hoursOfDay)) };
}

export const isEnough = (footage: Footage, needed: Footage): boolean =>
  footage.hours >= needed.hours && footage.hoursOfDay >= needed.hoursOfDay;

export const largerOf = (a: Footage, b: Footage): Footage => (a.hours >= b.hours ? a : b);
