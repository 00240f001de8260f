import { readFile } from 'node:fs/promises';
import { pictureRegions, regionsFile } from '../detector/regions.ts';
import { UserError } from '../errors.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';

/**
 * The regions of a file: a JSON list of them, or an object with one under `regions`, such as a camera
 * of the configuration file.
 * @throws UserError with one line
 */
export async function readRegions(path: string): Promise<readonly PictureRegion[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`--regions ${path}: cannot be read (${error.code})`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`--regions ${path}: is no JSON: ${(error as Error).message}`);
  }
  const list = Array.isArray(value) ? pictureRegions : regionsFile;
  const read = list.safeParse(value);
  if (read.success) return read.data;
  const { path: place, message } = read.error.issues[0]!;
  const where = place.length > 0 ? ` ${place.join('.')}:` : '';
  throw new UserError(
    `--regions ${path}:${where} ${message}; give the list of a camera's regions, as its settings have it`,
  );
}
