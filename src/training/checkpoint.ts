import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type HistoryPoint, modelDescription } from '../detector/model-file.ts';
import { option, UserError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../files/safetensors.ts';
import { type RunSettings, runSettings } from './run-settings.ts';
import { STATE, type StateName } from './step-graph.ts';

export const CHECKPOINT_FILE = 'checkpoint.safetensors';

const FORMAT = 3;

const progress = z.strictObject({
  format: z.literal(FORMAT),
  settings: runSettings,
  /** Steps done. */
  step: z.int().min(0),
  /** Seconds of training so far, over all runs. */
  seconds: z.number().min(0),
  /** See `ErrorScales`. */
  errorScales: z.strictObject({ averages: z.array(z.number()), weight: z.number() }),
  history: modelDescription.shape.training.shape.history,
});

export type TrainingState = Readonly<Record<StateName, Float32Array>>;

/** State of a run: with it and the data, training resumes as if it had never stopped. */
export interface Checkpoint {
  readonly settings: RunSettings;
  readonly step: number;
  readonly seconds: number;
  readonly errorScales: { readonly averages: readonly number[]; readonly weight: number };
  readonly history: readonly HistoryPoint[];
  readonly state: TrainingState;
}

export const hasCheckpoint = (folder: string): Promise<boolean> =>
  access(join(folder, CHECKPOINT_FILE)).then(
    () => true,
    () => false,
  );

/** Writes a checkpoint; the previous one stays until this one is complete. */
export async function writeCheckpoint(
  folder: string,
  { state, ...rest }: Checkpoint,
): Promise<void> {
  const tensors = new Map(
    STATE.map((name) => [name, { shape: [state[name].length], data: state[name] }]),
  );
  const metadata = { progress: JSON.stringify({ format: FORMAT, ...rest }) };
  await writeSafetensors(join(folder, CHECKPOINT_FILE), { tensors, metadata });
}

/** @throws UserError when there is none or it is damaged. */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT_FILE);
  if (!(await hasCheckpoint(folder)))
    throw new UserError(
      `${folder}: holds no unfinished training to resume; leave out ${option('resume')}`,
    );
  const { tensors, metadata } = await readSafetensors(path);
  const damaged = new UserError(
    `${path}: is not a checkpoint of this version; start again in another folder`,
  );
  let parsed: z.infer<typeof progress>;
  try {
    parsed = progress.parse(JSON.parse(metadata.progress ?? ''));
  } catch {
    throw damaged;
  }
  const state: Partial<Record<StateName, Float32Array>> = {};
  for (const name of STATE) {
    const tensor = tensors.get(name);
    if (!tensor) throw damaged;
    state[name] = tensor.data;
  }
  const { format: _, ...rest } = parsed;
  return { ...rest, state: state as TrainingState };
}
