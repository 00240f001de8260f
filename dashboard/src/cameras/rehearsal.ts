import type { RehearsalReport } from '../../../src/service/contract/rehearsal.ts';
import { counted, percent, score } from '../format/number.ts';
import { duration, hours } from '../format/time.ts';
import { budgetWords } from './budget.ts';

/** What a fire drill puts into the footage. */
const KINDS: Readonly<Record<string, string>> = {
  fast: 'Somebody running',
  gliding: 'Gliding without steps',
  backwards: 'Walking backwards',
  wide: 'Very wide',
  tall: 'Very tall',
  large: 'Very large',
  small: 'Very small',
  upsideDown: 'Upside down',
  laden: 'Carrying something large',
  lying: 'Lying on the ground',
  checked: 'In a glaring pattern',
  standing: 'Standing still',
  jumping: 'Jumping',
  left: 'Something left behind',
  thrown: 'Something thrown',
  rolling: 'Something rolling',
  flickering: 'A flickering light',
  displaced: 'A part of the room moved',
};

export const kindWords = (kind: string): string => KINDS[kind] ?? kind;

/** Hours of footage from which alarms a day are spoken of. */
const HOURS_FOR_A_DAY = 6;

const rate = (count: number): string => Number(count.toFixed(count < 10 ? 1 : 0)).toString();

/** What a rehearsal found, a sentence each. */
export function reportLines(report: RehearsalReport): string[] {
  const { alarmsPerDay, worstDay, worstHour, threshold, shadow, withheld } = report;
  const budget = budgetWords(report.budgetPerDay);
  const lines = [
    report.hours < HOURS_FOR_A_DAY
      ? `The budget of ${budget} allows ${rate(report.guarantee)} in this time, whatever happens; how many there are on a day, more footage would show.`
      : `That makes ${rate(alarmsPerDay)} a day, for a budget of ${budget}. Most in one hour: ${worstHour}${report.hours > 24 ? `; in 24 hours: ${worstDay}` : ''}.`,
    `Threshold: ${score(threshold.first)} at first, ${score(threshold.median)} in the middle, ${score(threshold.last)} at the end.`,
  ];
  if (withheld > 0)
    lines.push(
      `${counted(withheld, 'more rise')} above the threshold came with the budget used up, and did not alarm.`,
    );
  if (shadow.hours > 0)
    lines.push(
      `For the first ${hours(shadow.hours)} too little was known to trust the threshold: on trial nobody would have been told of ${counted(shadow.alarms, 'alarm')}.`,
    );
  return lines;
}

/** What a report rests on: footage that was learned says little of a new day. */
export function footageWords({
  hours: all,
  learnedHours,
}: Pick<RehearsalReport, 'hours' | 'learnedHours'>): string {
  const length = hours(all);
  if (learnedHours === 0) return `${length} of footage, none of which it learned from.`;
  const part = learnedHours >= 0.99 * all ? 'all of it' : `${hours(learnedHours)} of it`;
  return `${length} of footage. It learned from ${part}, and is quieter there than it will be on a new day.`;
}

/** `14 of 20 odd things were noticed (70 %), half of those within 1.8 s.` */
export function drillWords(drill: NonNullable<RehearsalReport['drill']>): string {
  const { inserted, found, medianDelaySeconds, blockDifference } = drill;
  if (inserted === 0)
    return 'The footage left no room for a drill: there has to be a quiet moment.';
  const share = percent(found / inserted);
  const delay =
    medianDelaySeconds === null
      ? ''
      : `, half of those within ${duration(1000 * medianDelaySeconds)}`;
  return `${found} of ${counted(inserted, 'odd thing')} would have been noticed (${share})${delay}. A plain difference of pictures with as many alarms notices ${blockDifference.found}.`;
}
