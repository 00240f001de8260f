import { join } from 'node:path';
import { train } from '../../src/training/train.ts';
import { size, writeDataset } from '../cli/footage.ts';

/** Writes the data set `data` into a folder and trains the model `model` on it, as quickly as can be. */
export async function trainTiny(folder: string): Promise<void> {
  process.env.M2S2L_CACHE = join(folder, '.cache');
  await writeDataset(folder);
  await train({
    data: join(folder, 'data'),
    out: join(folder, 'model'),
    preset: 'tiny',
    input: { width: size.width, height: size.height },
    length: { epochs: 0.2 },
  });
}
