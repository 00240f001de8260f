import { z } from 'zod';
import { lightNames } from '../../scoring/light/clusters.ts';

export const verdict = z.enum(['open', 'real', 'normal']);
export type Verdict = z.infer<typeof verdict>;

/** The two models of a camera whose light has two clusters. */
export const lightName = z.enum(lightNames);

export const eventKind = z.enum(['alarm', 'near miss']);
export type EventKind = z.infer<typeof eventKind>;

/** Something that was not normal, from its first frame to its last. Times in ms since 1970. */
export const anomalyEvent = z.object({
  id: z.string(),
  camera: z.string(),
  cameraName: z.string(),
  kind: eventKind,
  start: z.number(),
  /** Null while it goes on. */
  end: z.number().nullable(),
  peak: z.object({
    time: z.number(),
    score: z.number(),
    appearance: z.number(),
    motion: z.number(),
  }),
  threshold: z.number().describe('In force at the start'),
  cause: z.enum(['appearance', 'motion']),
  /**
   * The time scale at which the motion erred, as seconds; null where appearance is the cause or the
   * model cannot tell.
   */
  timeScale: z.number().nullable(),
  /** At the peak, in pixels of the camera, the worst first. */
  regions: z.array(
    z.object({
      x: z.number(),
      y: z.number(),
      width: z.number(),
      height: z.number(),
      score: z.number(),
    }),
  ),
  zone: z.string().nullable().describe('In which it was worst; null where that lies in none'),
  size: z.object({ width: z.number(), height: z.number() }).describe("Of the camera's pictures"),
  verdict,
  kept: z.boolean().describe('Its files are the last to go; a verdict of real sets it'),
  note: z.string().nullable().describe('What a person wrote about it'),
  /** What the verdict did, in a sentence; null where it was taken back or none was given. */
  effect: z.string().nullable(),
  shadow: z.boolean().describe('An alarm of which nobody was told'),
  quiet: z
    .enum(['trial', 'snoozed', 'profile'])
    .nullable()
    .describe(
      'Why nobody was told: too little footage was seen, its camera was snoozed, or the profile in force tells nobody',
    ),
  light: lightName
    .nullable()
    .optional()
    .describe('Of which model, where the camera has one for the day and one for the night'),
  /** A near miss that would have alarmed, but for a verdict. */
  alike: z
    .object({ event: z.string(), time: z.number() })
    .nullable()
    .describe('The event judged normal that it is like'),
  withheld: z.boolean().describe('A near miss that would have alarmed with budget left'),
  retracted: z.string().nullable().describe('Why the alarm was taken back; null where it stands'),
  thumbnail: z.boolean().describe('Whether there is one, with its heatmap'),
  clip: z.boolean().describe('Whether there is one'),
  /** Why there is no clip, where there should be one. */
  clipMissing: z.string().nullable(),
});
export type AnomalyEvent = z.infer<typeof anomalyEvent>;

export const eventFilter = z.object({
  camera: z
    .string()
    .max(4000)
    .optional()
    .describe('Id of a camera; of several, with commas between them'),
  kind: eventKind.optional().describe('Alarms or near misses alone'),
  verdict: verdict.optional().describe('Those judged so alone'),
  cause: z.enum(['appearance', 'motion']).optional().describe('Of one cause alone'),
  zone: z.string().max(40).optional().describe('Worst in this zone alone'),
  kept: z.stringbool().optional().describe('Those that are kept, or those that are not'),
  from: z.coerce.number().optional().describe('Milliseconds since 1970'),
  to: z.coerce.number().optional().describe('Milliseconds since 1970'),
  cursor: z.string().max(100).optional().describe('The `next` of the page before'),
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Events of a page'),
});
export type EventFilter = z.infer<typeof eventFilter>;

export const eventPage = z.object({
  events: z.array(anomalyEvent),
  next: z.string().nullable(),
  total: z.number(),
});
export type EventPage = z.infer<typeof eventPage>;

/** What a person changes of an event. */
export const eventChange = z
  .strictObject({
    verdict: verdict.optional(),
    kept: z.boolean().optional(),
    note: z.string().trim().max(2000).nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'give verdict, kept or note');
export type EventMarks = z.infer<typeof eventChange>;
