import { z } from 'zod';
import { anomalyEvent, eventKind, verdict } from './event.ts';

/** Ids of events, as many as a person selects. */
const selected = z.string().regex(/^[a-z0-9-]{1,64}$/, 'is not a valid id');

/** Verdicts on many events at once; with `kept`, also whether their files are kept. */
export const verdictOrder = z.strictObject({
  verdicts: z
    .array(z.strictObject({ event: selected, verdict, kept: z.boolean().optional() }))
    .min(1)
    .max(500),
  likeThese: z
    .boolean()
    .default(false)
    .describe('Also all events nobody has judged that look and move like them at that place'),
});
export type VerdictOrder = z.infer<typeof verdictOrder>;

/** What was judged, with what takes it back: the same order with what was before. */
export const verdictAnswer = z.object({
  events: z.array(anomalyEvent),
  undo: z.array(z.object({ event: z.string(), verdict, kept: z.boolean() })),
});
export type VerdictAnswer = z.infer<typeof verdictAnswer>;

/** Events that repeat, folded into one row. */
export const eventGroup = z.object({
  latest: anomalyEvent,
  events: z.array(z.string()).describe('Ids of all of them, the latest first'),
  every: z.number().nullable().describe('Milliseconds between two of them, the median'),
  since: z.number().describe('Start of the first'),
});
export type EventGroup = z.infer<typeof eventGroup>;

export const inboxFilter = z.object({
  camera: z.string().optional().describe('Id of a camera'),
  kind: eventKind.default('alarm').describe('Alarms or near misses'),
});
export type InboxFilter = z.infer<typeof inboxFilter>;

/** Events that nobody has judged. */
export const inbox = z.object({
  toJudge: z.array(z.object({ camera: z.string(), alarms: z.number(), nearMisses: z.number() })),
  groups: z.array(eventGroup).describe('The latest first'),
  more: z.boolean().describe('Whether there are older ones'),
});
export type InboxAnswer = z.infer<typeof inbox>;

/** Longest span of days that is counted at once: six weeks of a calendar, and a time more. */
const MOST_DAYS = 43;

export const dayFilter = z.object({
  camera: z.string().optional().describe('Id of a camera'),
  starts: z
    .string()
    .regex(/^-?\d+(,-?\d+)+$/, 'must be times with commas between them, two at least')
    .transform((text) => text.split(',').map(Number))
    .refine((times) => times.length <= MOST_DAYS, `must be ${MOST_DAYS} times at most`)
    .refine(
      (times) => times.every((time, i) => i === 0 || time > times[i - 1]!),
      'must be in ascending order',
    )
    .describe('When each day starts, in ms since 1970, and when the last ends'),
});

export const dayCounts = z.object({
  from: z.number(),
  alarms: z.number(),
  nearMisses: z.number(),
  toJudge: z.number().describe('Alarms that nobody has judged'),
  real: z.number(),
});
export type DayCounts = z.infer<typeof dayCounts>;
