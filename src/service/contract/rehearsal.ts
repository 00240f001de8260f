import { z } from 'zod';

/** A rehearsal of a camera: its model over its own recorded footage. */
export const rehearsalOrder = z.strictObject({
  alarmsPerDay: z
    .number()
    .min(0.01)
    .max(1000)
    .optional()
    .describe('The budget to be tried; by default the one in force'),
  drill: z
    .number()
    .int()
    .min(0)
    .max(200)
    .default(20)
    .describe('Odd people and objects to be put into copies of the footage'),
  hours: z.number().min(0.01).max(168).default(24).describe('Of the latest footage, at most'),
});
export type RehearsalOrder = z.infer<typeof rehearsalOrder>;

const share = z.object({ inserted: z.number(), found: z.number() });

export const rehearsalReport = z.object({
  hours: z.number().describe('Of footage'),
  learnedHours: z.number().describe('Of these, of the footage that the model learned from'),
  from: z.number(),
  to: z.number(),
  budgetPerDay: z.number(),
  alarms: z.number(),
  alarmsPerDay: z.number(),
  worstDay: z.number().describe('Most alarms within 24 hours'),
  worstHour: z.number(),
  hoursOverBudget: z.number().describe('Hours with more alarms than the budget has for one'),
  guarantee: z.number().describe('The most alarms there could have been in this time'),
  shadow: z
    .object({ hours: z.number(), alarms: z.number() })
    .describe('The beginning, with too little footage for the budget'),
  withheld: z.number().describe('Times above the threshold while the budget was used up'),
  threshold: z.object({
    first: z.number(),
    median: z.number(),
    last: z.number(),
    least: z.number(),
    most: z.number(),
  }),
  peaks: z
    .array(
      z.object({
        time: z.number(),
        score: z.number(),
        event: z.string().nullable().describe('The event or near miss that is kept of it'),
      }),
    )
    .describe('Alarms; at most the 200 latest'),
  drill: share
    .extend({
      medianDelaySeconds: z.number().nullable(),
      kinds: z.record(z.string(), share).describe('By what was put in'),
      blockDifference: z
        .object({ found: z.number() })
        .describe('What a plain difference of pictures finds with as many alarms'),
    })
    .nullable(),
});
export type RehearsalReport = z.infer<typeof rehearsalReport>;

export const rehearsalStatus = z.object({
  state: z.enum(['none', 'waiting', 'running', 'done', 'failed']),
  order: rehearsalOrder.nullable(),
  started: z.number().nullable(),
  progress: z.object({ share: z.number(), secondsLeft: z.number().nullable() }).nullable(),
  reason: z.string().nullable().describe('Why it failed, in one line'),
  report: rehearsalReport.nullable(),
  footage: z
    .object({ hours: z.number(), learnedHours: z.number() })
    .describe('What there is to rehearse on'),
});
export type RehearsalStatus = z.infer<typeof rehearsalStatus>;
