import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { pictureRegions } from '../../detector/regions.ts';

/** A recording to be scored: the data of a job, which another machine may take. */
export const scoringJob = z.object({
  /** SHA-256 of the model's files, under which `scores/models` has it. */
  model: z.string(),
  /** A video or a folder of frames, as `StoredPaths` has it. */
  video: z.string(),
  /** Bytes, and seconds since 1970 of the last change, when it was given. */
  size: z.number(),
  modified: z.number(),
  /** Frames a second where it has none of its own. */
  fps: z.number().optional(),
  regions: pictureRegions.optional(),
  /** Of the m2s2l that gave it: another may score differently. */
  version: z.string(),
});

export type ScoringJob = z.infer<typeof scoringJob>;

/**
 * What tells a result from every other: the content of the model, and of the recording its path, size
 * and time. To read an archive of terabytes only for a checksum would take as long as decoding it.
 */
export function jobKey(job: ScoringJob): string {
  const { model, video, size, modified, fps = null, regions = null, version } = job;
  const text = JSON.stringify([model, video, size, modified, fps, regions, version]);
  return createHash('sha256').update(text).digest('hex');
}

/** The id of a job, so that one that is given again is the same: a UUID of its key. */
export function jobId(key: string): string {
  const parts = [key.slice(0, 8), key.slice(8, 12), key.slice(12, 16), key.slice(16, 20)];
  return [...parts, key.slice(20, 32)].join('-');
}

/** Where the scores of a job are, in the folder that all machines share. */
export const scoresPath = (files: string, key: string): string =>
  join(files, 'scores', key.slice(0, 2), `${key}.jsonl`);

/** Where a model is that jobs name. */
export const jobModel = (files: string, model: string): string =>
  join(files, 'scores', 'models', model);
