import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflate } from '@sparticuz/chromium';

/** Its binaries are for this platform alone. */
const fits = process.platform === 'linux' && process.arch === 'x64';
const packed = join(fileURLToPath(import.meta.resolve('@sparticuz/chromium')), '../../bin');

/**
 * Unpacks one of the archives of the npm package `@sparticuz/chromium` into a folder of ours.
 * @returns where it lies; undefined where the package has nothing for this platform
 */
export async function inflateFromChromium(
  archive: string,
  folder: string,
): Promise<string | undefined> {
  const path = join(packed, archive);
  if (!fits || !existsSync(path)) return undefined;
  // It unpacks into the system's temporary folder, under names that anyone could have taken.
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    return await inflate(path);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
