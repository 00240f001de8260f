import { z } from 'zod';
import { anomalyEvent } from './event.ts';

/** A link that shows one event to people without a token, until it expires. */
export const sharedLink = z.object({
  id: z.string(),
  created: z.number(),
  expires: z.number(),
});
export type SharedLink = z.infer<typeof sharedLink>;

export const newSharedLink = sharedLink.extend({
  path: z.string().describe('Of the page, below the base path; shown once'),
  url: z.string().nullable().describe('Whole, where the public address is known'),
});

/** What a link shows: no settings, no other event. */
export const sharedEvent = anomalyEvent
  .pick({
    cameraName: true,
    kind: true,
    start: true,
    end: true,
    cause: true,
    regions: true,
    size: true,
    thumbnail: true,
    clip: true,
    note: true,
  })
  .extend({ expires: z.number() });
export type SharedEvent = z.infer<typeof sharedEvent>;
