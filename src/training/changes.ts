import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { type ModelConfiguration, modelConfiguration } from '../model/configuration.ts';
import { type TrainingConfiguration, trainingConfiguration } from './configuration.ts';

/**
 * Changes to a model's configuration, from a JSON file or inline JSON. Nested objects are merged, so
 * `{"temporal": {"strides": [1, 2, 4, 8]}}` keeps the rest of `temporal`.
 * @param preset configuration to change
 * @returns the changed top-level entries, complete
 * @throws UserError in one line where it is not valid JSON, or no configuration.
 */
export async function modelChanges(
  given: string,
  preset: ModelConfiguration,
): Promise<Partial<ModelConfiguration>> {
  const changes = await readChanges('--model', given);
  const changed = merged(preset, changes);
  requireFits('--model', modelConfiguration, changed);
  return Object.fromEntries(
    Object.keys(changes).map((key) => [key, changed[key]]),
  ) as Partial<ModelConfiguration>;
}

/** {@link modelChanges} for the training configuration. */
export async function trainingChanges(given: string): Promise<Partial<TrainingConfiguration>> {
  const changes = await readChanges('--training', given);
  const whole = requireFits('--training', trainingConfiguration, changes);
  return Object.fromEntries(
    Object.keys(changes).map((key) => [key, whole[key as keyof TrainingConfiguration]]),
  ) as Partial<TrainingConfiguration>;
}

type Entries = Readonly<Record<string, unknown>>;

const isEntries = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function readChanges(option: string, given: string): Promise<Entries> {
  const inline = given.trim().startsWith('{');
  const where = inline ? option : `${option} ${given}`;
  const text = inline ? given : await readText(option, given);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where}: is not JSON (${(error as Error).message})`);
  }
  if (!isEntries(json))
    throw new UserError(`${where}: must be a JSON object, such as {"memorySlots": 32}`);
  return json;
}

async function readText(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new UserError(`${option} ${path}: ${what}; give a JSON file, or JSON itself: {…}`);
  }
}

function merged(before: Entries, changes: Entries): Record<string, unknown> {
  const entries = Object.entries(changes).map(([key, change]) => {
    const own = before[key];
    return [key, isEntries(own) && isEntries(change) ? merged(own, change) : change];
  });
  return { ...before, ...Object.fromEntries(entries) };
}

function requireFits<Schema extends z.ZodType>(
  option: string,
  schema: Schema,
  json: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UserError(`${option}: wrong at ${path.join('.') || 'the top'}: ${message}`);
}
