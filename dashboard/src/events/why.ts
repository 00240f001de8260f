import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import { duration } from '../format/time.ts';

/** One part of a peak: the words for it, its score, and its share of both, 0 to 1. */
export interface WhyPart {
  readonly cause: AnomalyEvent['cause'];
  readonly words: string;
  readonly score: number;
  readonly share: number;
}

const WORDS = {
  motion: 'Moves unlike anything learned here',
  appearance: 'Looks unlike anything learned here',
} as const;

export const causeWordsOf = (cause: AnomalyEvent['cause']): string => WORDS[cause];

export const causeWords = (event: AnomalyEvent): string => causeWordsOf(event.cause);

/** Both parts, the larger one first. Below the mean of normal footage a part is nothing. */
export function whyParts(event: AnomalyEvent): WhyPart[] {
  const { appearance, motion } = event.peak;
  const sum = Math.max(0, appearance) + Math.max(0, motion);
  const part = (cause: 'appearance' | 'motion', score: number): WhyPart => ({
    cause,
    words: WORDS[cause],
    score,
    share: sum ? Math.max(0, score) / sum : 0,
  });
  return [part('appearance', appearance), part('motion', motion)].sort((a, b) => b.share - a.share);
}

/** The time scale in words; null where there is none. */
export const timeScaleWords = (event: AnomalyEvent): string | null =>
  event.timeScale === null
    ? null
    : `The motion stands out most over about ${duration(event.timeScale * 1000)}.`;

const third = (share: number): 0 | 1 | 2 => (share < 1 / 3 ? 0 : share < 2 / 3 ? 1 : 2);
const ROWS = ['top', '', 'bottom'] as const;
const COLUMNS = ['left', '', 'right'] as const;

/** Where in the picture a region is, and how large: `Bottom left, 90 × 80 pixels`. */
export function regionWords(
  region: AnomalyEvent['regions'][number],
  size: AnomalyEvent['size'],
): string {
  const row = ROWS[third((region.y + region.height / 2) / size.height)];
  const column = COLUMNS[third((region.x + region.width / 2) / size.width)];
  const where = [row, column].filter(Boolean).join(' ') || 'middle';
  const pixels = `${Math.round(region.width)} × ${Math.round(region.height)} pixels`;
  return `${where.charAt(0).toUpperCase()}${where.slice(1)}, ${pixels}`;
}

/** How long it went on, or that it does. */
export const lengthWords = (event: AnomalyEvent): string =>
  event.end === null ? 'still going on' : duration(event.end - event.start);

/** What judging does, said before it is done. */
export const VERDICTS = {
  real: {
    title: 'Real',
    effect:
      'It was worth an alarm. The threshold stays below it, and its minutes stay out of what is learned.',
  },
  normal: {
    title: 'Normal',
    effect:
      'It was nothing. What looks and moves like it at that place no longer alarms, and the next learning takes it as normal.',
  },
  open: { title: 'Not judged', effect: '' },
} as const;

/** Why nobody was told of an alarm. */
export function quietWords({ quiet }: AnomalyEvent): string {
  switch (quiet) {
    case 'trial':
    case null:
      return 'On trial: nobody was told of this alarm.';
    case 'snoozed':
      return 'The camera was snoozed: nobody was told of this alarm.';
    case 'profile':
      return 'The profile in force tells nobody: nobody was told of this alarm.';
    default:
      throw new Error(`unknown reason: ${quiet satisfies never}`);
  }
}
