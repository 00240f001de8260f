import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic.ts';
import { type Precision, readSafetensors, writeSafetensors } from '../files/safetensors.ts';
import { sizeOf } from '../graph/index.ts';
import { inspection } from '../inspection/inspection.ts';
import { modelConfiguration } from '../model/configuration.ts';
import { parameterSpecs } from '../model/cost.ts';
import { PRESETS } from '../model/presets.ts';
import type { Weights } from '../nn/parameters.ts';
import { scoringSettings } from '../scoring/score.ts';
import { normalStatistics } from '../scoring/statistics.ts';
import { alarmThreshold } from '../scoring/threshold.ts';
import { fromFormat4, nameInFormat4, OLDEST_FORMAT } from './earlier-models.ts';
import { modelFolder, shippedModels } from './shipped-models.ts';

/** Version of the layout of `model.json`. Newer ones are refused. */
export const FORMAT = 5;

export const DESCRIPTION_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.safetensors';

/** Bytes of a weights file beside the weights, at most: their names and places. */
const LARGEST_HEADER = 2 ** 20;

/** Bytes of a description, at most: loss curves and ranges have some hundred points. */
const LARGEST_DESCRIPTION = 16 * 2 ** 20;

const range = z.tuple([z.number(), z.number()]).readonly();

/** One point of the loss curves. */
const historyPoint = z.strictObject({
  step: z.int(),
  samples: z.int(),
  seconds: z.number(),
  /** `loss` and its terms, averaged since the point before. */
  training: z.record(z.string(), z.number()),
  /** The same on held-out footage, where it was measured. */
  validation: z.record(z.string(), z.number()).nullable(),
  /** What the model's parts did then, on some of that footage. */
  inner: inspection.optional(),
});

export type HistoryPoint = z.infer<typeof historyPoint>;

/** What `model.json` holds. */
export const modelDescription = z.strictObject({
  format: z.literal(FORMAT),
  /** Version of m2s2l that wrote it. */
  version: z.string(),
  preset: z.literal(PRESETS),
  configuration: modelConfiguration,
  /** How pictures become numbers. */
  inputFormat: z.strictObject({
    resize: z.literal('area'),
    gray: z.literal('BT.601'),
    range: z.tuple([z.literal(-1), z.literal(1)]),
  }),
  scoring: scoringSettings,
  /** Errors of held-out normal footage. */
  statistics: normalStatistics,
  threshold: alarmThreshold,
  provenance: z.strictObject({
    data: z.string(),
    /** sha256 over the clips it learned from. */
    dataFingerprint: z.string(),
    clips: z.int(),
    frames: z.int(),
    heldOutFrames: z.int(),
    corruptFrames: z.int(),
    seed: z.int(),
    device: z.string(),
    steps: z.int(),
    seconds: z.number(),
    created: z.string(),
  }),
  /** The settings of its training, and its loss curves. */
  training: z.strictObject({
    settings: z.record(z.string(), z.unknown()),
    history: z.array(historyPoint),
  }),
  /** Of a model in int8: what its convolutions are fed and give on held-out footage, by module. */
  quantisation: z
    .strictObject({
      ranges: z.record(z.string(), z.strictObject({ input: range, output: range })),
    })
    .optional(),
});

export type ModelDescription = z.infer<typeof modelDescription>;

/** A trained model. */
export interface TrainedModel {
  readonly description: ModelDescription;
  readonly weights: Weights;
}

/**
 * Writes a model folder, whole or not at all: the weights first, so that a `model.json` always has
 * its weights.
 */
export async function writeModel(
  folder: string,
  model: TrainedModel,
  precision: Precision = 'F32',
): Promise<void> {
  const text = asText(model.description);
  const weights = join(folder, WEIGHTS_FILE);
  await writeSafetensors(weights, { tensors: model.weights, metadata: {} }, precision);
  try {
    await writeFileAtomically(join(folder, DESCRIPTION_FILE), text);
  } catch (error) {
    await rm(weights);
    throw error;
  }
}

/** Writes what is said of the weights that a model folder holds, whole or not at all. */
export async function writeDescription(
  folder: string,
  description: ModelDescription,
): Promise<void> {
  await writeFileAtomically(join(folder, DESCRIPTION_FILE), asText(description));
}

const asText = (description: ModelDescription): string =>
  `${JSON.stringify(modelDescription.parse(description), null, 2)}\n`;

/**
 * Reads a model folder.
 * @param model its path, or the name of a model that comes with m2s2l
 * @throws UserError when it is not a model folder, misses a file, is of a newer version, has weights of
 *   other sizes than its configuration, or weights that are not numbers.
 */
export async function readModel(model: string): Promise<TrainedModel> {
  const folder = modelFolder(model);
  const description = await readDescription(folder);
  const path = join(folder, WEIGHTS_FILE);
  const { configuration } = description;
  const specs = parameterSpecs(configuration);
  const numbers = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  await requireSize(path, 4 * numbers + LARGEST_HEADER);
  const { tensors } = await readSafetensors(path);
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name) ?? tensors.get(nameInFormat4(name, configuration));
    if (!tensor)
      throw new UserError(`${path}: has no weight '${name}' that ${DESCRIPTION_FILE} needs`);
    if (tensor.shape.join() !== shape.join())
      throw new UserError(
        `${path}: weight '${name}' is [${tensor.shape}] but ${DESCRIPTION_FILE} needs [${shape}]`,
      );
    if (!tensor.data.every(Number.isFinite))
      throw new UserError(`${path}: weight '${name}' holds values that are not finite`);
    weights.set(name, tensor);
  }
  if (tensors.size !== specs.length)
    throw new UserError(
      `${path}: has ${tensors.size} weights, ${DESCRIPTION_FILE} needs ${specs.length}`,
    );
  return { description, weights };
}

/** What is far too large is not read into memory to find that out. */
async function requireSize(path: string, most: number): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > most)
    throw new UserError(
      `${path}: is far too large (${size} bytes where at most ${most} belong); use an undamaged copy`,
    );
}

async function readDescription(folder: string): Promise<ModelDescription> {
  const kind = await stat(folder).catch(() => undefined);
  if (!kind)
    throw new UserError(
      `${folder}: does not exist; give a model folder, or a model by its name (${shippedModels().join(', ')})`,
    );
  if (!kind.isDirectory()) throw new UserError(`${folder}: is not a model folder`);
  const path = join(folder, DESCRIPTION_FILE);
  await requireSize(path, LARGEST_DESCRIPTION);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UserError(`${folder}: is not a model folder, ${DESCRIPTION_FILE} is missing`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: is not JSON (${(error as Error).message})`);
  }
  const { format } = (json ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > FORMAT)
    throw new UserError(
      `${path}: is of format ${format}, this m2s2l reads up to ${FORMAT}; update m2s2l`,
    );
  if (typeof format === 'number' && format < OLDEST_FORMAT)
    throw new UserError(
      `${path}: is of format ${format}, of an earlier m2s2l; train it again with this one, which reads formats ${OLDEST_FORMAT} to ${FORMAT}`,
    );
  const current = format === 4 ? fromFormat4(json as Record<string, unknown>) : json;
  const parsed = modelDescription.safeParse(current);
  if (parsed.success) return parsed.data;
  const { path: key, message } = parsed.error.issues[0]!;
  throw new UserError(`${path}: wrong at ${key.join('.') || 'the top'}: ${message}`);
}
