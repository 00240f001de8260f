import { z } from 'zod';
import { cameraStatus } from './camera.ts';
import { anomalyEvent } from './event.ts';
import { profileStatus } from './profile.ts';

/** One scored frame, sent at most five times a second for each camera. */
const liveScore = z.object({
  camera: z.string(),
  time: z.number(),
  score: z.number(),
  appearance: z.number(),
  motion: z.number(),
  threshold: z.number().nullable(),
  alarm: z.boolean(),
  /** Local scores, 0 at nothing, 255 at twice the level of a region; row by row, base64. */
  heatmap: z.object({ width: z.number(), height: z.number(), data: z.string() }).nullable(),
});
export type LiveScore = z.infer<typeof liveScore>;

/** The messages of `GET /api/stream`, by the name of the server-sent event. */
export const liveMessages = {
  score: liveScore,
  camera: cameraStatus,
  'camera removed': z.object({ id: z.string() }),
  event: anomalyEvent,
  'event removed': z.object({ id: z.string() }),
  notices: z.array(z.string()),
  profile: profileStatus,
} as const;

export type LiveMessage = {
  [K in keyof typeof liveMessages]: {
    readonly name: K;
    readonly data: z.infer<(typeof liveMessages)[K]>;
  };
}[keyof typeof liveMessages];
