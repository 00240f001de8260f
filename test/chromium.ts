import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflate } from '@sparticuz/chromium';

/** A browser to start, as Playwright wants it told. */
export interface Browser {
  readonly executablePath: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

const DEBIAN = '/usr/bin/chromium';

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

/**
 * The Chromium of the npm package, unpacked into a folder with the libraries that it needs, else
 * Debian's. Undefined where there is neither.
 */
export async function findBrowser(folder: string): Promise<Browser | undefined> {
  const unpacked = await inflateFromChromium('chromium.br', folder);
  const libraries = await inflateFromChromium('al2023.tar.br', folder);
  const executablePath = unpacked ?? (existsSync(DEBIAN) ? DEBIAN : undefined);
  if (!executablePath) return undefined;
  // libnss3, libexpat and their kin, which a bare system lacks.
  const path = [process.env.LD_LIBRARY_PATH, libraries && join(libraries, 'lib')].filter(Boolean);
  const env = { ...process.env, LD_LIBRARY_PATH: path.join(':') } as Record<string, string>;
  // As root, as in a container, Chromium starts without its sandbox only; the page is ours.
  return { executablePath, args: ['--no-sandbox'], env };
}
