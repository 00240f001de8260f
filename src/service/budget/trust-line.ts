import type { ThresholdTrust } from '../contract/camera.ts';
import { hoursWords } from './hours-words.ts';

/** How far a threshold can be trusted, in one line. */
export function trustLine(
  trust: Omit<ThresholdTrust, 'line'>,
  budget: { readonly alarmsPerDay: number; readonly call: 'when trusted' | 'always' },
): string {
  const { hours, hoursOfDay, hoursNeeded, hoursOfDayNeeded, alarmsLeft } = trust;
  const seen = `${hoursWords(hours)} of footage seen, from ${hoursOfDay} of 24 hours of the day`;
  const perDay = `${Number(budget.alarmsPerDay.toPrecision(3))} alarms a day`;
  const needed = `${perDay} need ${hoursWords(hoursNeeded)} from ${hoursOfDayNeeded}`;
  if (trust.shadow) return `On trial, alarms are not sent: ${seen}; ${needed}`;
  const used = alarmsLeft < 1 ? '; the budget is used up, so nothing alarms now' : '';
  if (hours < hoursNeeded || hoursOfDay < hoursOfDayNeeded)
    return `Little known: ${seen}; ${needed}${used}`;
  return `${seen[0]!.toUpperCase()}${seen.slice(1)}: enough for ${perDay}${used}`;
}
