import { z } from 'zod';
import { givenName } from './text.ts';

export const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof weekday>;

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day; it is written as 07:30');

/** Every week, by the clock of the machine that runs the service. */
export const weeklyTimes = z.strictObject({
  days: z
    .array(weekday)
    .min(1)
    .max(7)
    .default([...weekday.options])
    .describe('On which it begins'),
  from: timeOfDay,
  to: timeOfDay.describe('On the next day where it is not later than from'),
});
export type WeeklyTimes = z.infer<typeof weeklyTimes>;

/** What is different while a profile is in force. */
export const profile = z.strictObject({
  name: givenName,
  times: z.array(weeklyTimes).max(50).default([]).describe('When the clock puts it in force'),
  cameras: z.array(z.string().max(64)).max(500).optional().describe('Their ids; without, all'),
  alarmsPerDay: z
    .number()
    .min(0.01)
    .max(1000)
    .optional()
    .describe('The budget of each of its cameras; without, their own'),
  zones: z
    .record(z.string(), z.boolean())
    .optional()
    .describe('By name, whether what happens in these zones alarms; the others stay as they are'),
  notify: z
    .array(z.string().max(80))
    .max(50)
    .optional()
    .describe('Names of the channels that are told of alarms; none: nobody; without, all'),
});
export type Profile = z.infer<typeof profile>;

const distinctNames = (profiles: readonly { readonly name: string }[]): boolean =>
  new Set(profiles.map(({ name }) => name)).size === profiles.length;

export const profiles = z.array(profile).max(20).refine(distinctNames, 'two have the same name');

/** Which profile is in force, and why. */
export const profileStatus = z.object({
  profile: z.string().nullable().describe('Null: every camera as it is set'),
  by: z.enum(['clock', 'choice']),
  until: z.number().nullable().describe('When the clock changes it next; null where nothing will'),
  profiles: z.array(z.string()).describe('Names of all'),
});
export type ProfileStatus = z.infer<typeof profileStatus>;

/** Leaves it to the clock, or chooses a profile until that is done again; null: none. */
export const profileChoice = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('clock') }),
  z.strictObject({ by: z.literal('choice'), profile: z.string().nullable() }),
]);
export type ProfileChoice = z.infer<typeof profileChoice>;

/** For how long a camera's alarms are not sent. */
export const snooze = z.strictObject({
  for: z
    .union([
      z
        .number()
        .min(1)
        .max(7 * 24 * 60),
      z.literal('morning'),
    ])
    .describe('Minutes, or until seven in the morning'),
});
export type Snooze = z.infer<typeof snooze>;
