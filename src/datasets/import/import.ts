import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { diskError } from '../../files/atomic.ts';
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
  { onProgress = () => undefined }: ImportOptions = {},
): Promise<void> {
  const official = await stat(officialDir).catch(() => undefined);
  if (!official?.isDirectory()) {
    throw new UserError(`${officialDir}: ${official ? 'is no folder' : 'does not exist'}`);
  }
  await requireFree(out);
  const to = `${resolve(out)}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(dirname(to), { recursive: true }).catch((error) => {
    throw diskError(error, out);
  });
  try {
    await mkdir(to);
    await converters[kind]({ from: officialDir, to, onProgress });
    // Not every platform renames onto an empty folder.
    await rmdir(out).catch(() => undefined);
    await rename(to, out);
  } catch (error) {
    await rm(to, { recursive: true, force: true });
    throw fault(error as NodeJS.ErrnoException, officialDir, out);
  }
}

async function requireFree(out: string): Promise<void> {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw new UserError(`${out}: is a file; choose a new folder`);
    throw diskError(error, out);
  });
  if (names.length > 0) {
    throw new UserError(`${out}: exists and holds something; choose a new or empty folder`);
  }
}

function fault(error: NodeJS.ErrnoException, officialDir: string, out: string): unknown {
  const denied = error.code === 'EACCES' || error.code === 'EPERM';
  if (denied && error.path?.startsWith(officialDir)) {
    return new UserError(`${error.path}: may not be read`);
  }
  return diskError(error, out);
}
