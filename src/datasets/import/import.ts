import { stat } from 'node:fs/promises';
import { UserError } from '../../errors.ts';
import { buildFolder } from '../../files/folder.ts';
import { importAvenue } from './avenue.ts';
import type { Conversion } from './building.ts';
import { importShanghaiTech } from './shanghaitech.ts';
import { importUcsd } from './ucsd.ts';

/** A public benchmark whose official download can be converted. */
export type OfficialDataset = 'ucsd' | 'avenue' | 'shanghaitech';

const converters: Record<OfficialDataset, (conversion: Conversion) => Promise<void>> = {
  ucsd: importUcsd,
  avenue: importAvenue,
  shanghaitech: importShanghaiTech,
};

export interface ImportOptions {
  /** Clips so far, clips in all, the clip that was done. */
  readonly onProgress?: ((done: number, total: number, clip: string) => void) | undefined;
  /** One line of what is not whole in the download; the import goes on. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * Converts the official download of a benchmark to the layout that `readDataset` reads, whole or
 * not at all: it is built beside `out` and renamed at the end. Videos are copied as they are.
 * @throws UserError when the download is not what it should be, when `out` exists and is not an
 *   empty folder, or when the disk is full
 */
export async function importDataset(
  kind: OfficialDataset,
  officialDir: string,
  out: string,
  { onProgress = () => undefined, onNote = () => undefined }: ImportOptions = {},
): Promise<void> {
  const official = await stat(officialDir).catch(() => undefined);
  if (!official?.isDirectory()) {
    throw new UserError(`${officialDir}: ${official ? 'is no folder' : 'does not exist'}`);
  }
  await buildFolder(out, async (to) => {
    try {
      await converters[kind]({ from: officialDir, to, onProgress, onNote });
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException;
      const denied = code === 'EACCES' || code === 'EPERM';
      if (denied && path?.startsWith(officialDir)) throw new UserError(`${path}: may not be read`);
      throw error;
    }
  });
}
