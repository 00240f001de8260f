import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DESCRIPTION_FILE, readModel, WEIGHTS_FILE } from '../../detector/model-file.ts';
import { modelFolder } from '../../detector/shipped-models.ts';
import { copyAtomically } from '../../files/copy.ts';
import { buildFolder } from '../../files/folder.ts';
import { jobModel } from './scoring-job.ts';

const parts = [DESCRIPTION_FILE, WEIGHTS_FILE];

/**
 * Puts a model where every worker finds it, under its content.
 * @returns SHA-256 of its files
 * @throws UserError where it is no model that can be read
 */
export async function shareModel(model: string, files: string): Promise<string> {
  await readModel(model);
  const folder = modelFolder(model);
  const hash = createHash('sha256');
  for (const part of parts) hash.update(await readFile(join(folder, part)));
  const digest = hash.digest('hex');
  const shared = jobModel(files, digest);
  if (existsSync(shared)) return digest;
  try {
    await buildFolder(shared, async (building) => {
      for (const part of parts) await copyAtomically(join(folder, part), join(building, part));
    });
  } catch (error) {
    // Another command may have brought it meanwhile.
    if (!existsSync(shared)) throw error;
  }
  return digest;
}
