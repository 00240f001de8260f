import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic.ts';
import type { LightClusters } from '../../scoring/light/clusters.ts';

/** In the folder of a day's model: the model of the night, and the file that says what parts the two. */
export const nightFolder = (folder: string): string => join(folder, 'night');
const lightFile = (folder: string): string => join(folder, 'light.json');

const FORMAT = 1;

const schema = z.strictObject({
  format: z.literal(FORMAT),
  by: z.enum(['brightness', 'saturation']),
  day: z.number().min(0).max(1),
  night: z.number().min(0).max(1),
});

/** Makes a model folder, which has one of the night inside, the model of the day. */
export async function writeLights(folder: string, clusters: LightClusters): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...clusters }, undefined, 2)}\n`;
  await writeFileAtomically(lightFile(folder), text);
}

/** A folder's model serves for all light. */
export async function forgetLights(folder: string): Promise<void> {
  await rm(lightFile(folder), { force: true });
}

/**
 * What parts the lights of a folder's two models; undefined where it holds one model for all light.
 * @throws UserError where the file cannot be read
 */
export async function readLights(folder: string): Promise<LightClusters | undefined> {
  const path = lightFile(folder);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UserError(`${path}: cannot be read (${error.code}); learn again`);
  });
  if (text === undefined) return undefined;
  const read = schema.safeParse(parsed(text));
  if (!read.success || read.data.day <= read.data.night)
    throw new UserError(`${path}: does not say what parts day and night; learn again`);
  const { by, day, night } = read.data;
  return { by, day, night };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
