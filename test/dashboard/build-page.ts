import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The page as it is now, built into a temporary folder by a process that is not a test's. */
export async function buildPage(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-page-'));
  await promisify(execFile)(
    process.execPath,
    [
      path('node_modules/vite/bin/vite.js'),
      'build',
      ...['-c', path('dashboard/vite.config.ts'), '--outDir', folder, '--logLevel', 'error'],
    ],
    { env: { ...process.env, NODE_ENV: 'production' } },
  );
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
