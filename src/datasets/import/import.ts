import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { buildFolder } from '../../files/folder.ts';
import { abortSignal, callback, checkOptions, untilAborted } from '../../options.ts';
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
  /** Gives up after the clip under way, with the signal's reason; nothing half-written is left. */
  readonly signal?: AbortSignal | undefined;
  /** Clips so far, clips in all, the clip that was done. */
  readonly onProgress?: ((done: number, total: number, clip: string) => void) | undefined;
  /** One line of what is not whole in the download; the import goes on. */
  readonly onNote?: ((note: string) => void) | undefined;
}

const importOptions = z.strictObject({
  signal: abortSignal.optional(),
  onProgress: callback.optional(),
  onNote: callback.optional(),
});

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
  options: ImportOptions = {},
): Promise<void> {
  checkOptions(importOptions, options, 'importDataset');
  if (!Object.hasOwn(converters, kind))
    throw new UserError(
      `${kind}: is not a known benchmark; choose ${Object.keys(converters).join(', ')}`,
    );
  const { onNote = () => undefined } = options;
  options.signal?.throwIfAborted();
  const onProgress = untilAborted(options.signal, options.onProgress);
  const official = await stat(officialDir).catch(() => undefined);
  if (!official?.isDirectory()) {
    throw new UserError(`${officialDir}: ${official ? 'is not a folder' : 'does not exist'}`);
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
