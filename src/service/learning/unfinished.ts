import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DESCRIPTION_FILE, readModel, WEIGHTS_FILE } from '../../detector/model-file.ts';
import { UserError } from '../../errors.ts';
import type { Preset } from '../../model/presets.ts';
import { CHECKPOINT_FILE, hasCheckpoint, readCheckpoint } from '../../training/checkpoint.ts';

/** What makes two trainings the same. */
export interface TrainingJob {
  readonly preset: Preset;
  readonly length: { readonly minutes: number };
  readonly dataFingerprint: string;
}

/**
 * How far a training in a folder is. What another one left there, or a write that was killed, is
 * removed.
 */
export async function trainingIn(
  folder: string,
  job: TrainingJob,
): Promise<'learned' | 'unfinished' | 'not begun'> {
  if (await hasCheckpoint(folder)) {
    const { settings } = (await whole(readCheckpoint(folder))) ?? {};
    if (settings && isSame(settings, job)) return 'unfinished';
  } else {
    const { description } = (await whole(readModel(folder))) ?? {};
    if (description) {
      const { preset, provenance, training } = description;
      const { dataFingerprint } = provenance;
      if (isSame({ preset, dataFingerprint, length: training.settings.length }, job))
        return 'learned';
    }
  }
  await removeRemains(folder);
  return 'not begun';
}

function isSame(
  before: { readonly [Key in keyof TrainingJob]: unknown },
  { preset, length, dataFingerprint }: TrainingJob,
): boolean {
  return (
    before.preset === preset &&
    before.dataFingerprint === dataFingerprint &&
    isDeepStrictEqual(before.length, length)
  );
}

/** Undefined where it is missing or damaged. */
function whole<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
}

async function removeRemains(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const files = [CHECKPOINT_FILE, DESCRIPTION_FILE, WEIGHTS_FILE];
  for (const name of names)
    if (files.some((file) => name === file || (name.startsWith(file) && name.endsWith('.tmp'))))
      await rm(join(folder, name), { force: true });
}
