import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const program = join(import.meta.dirname, '..', '..', 'bin', 'm2s2l.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A file that comes on standard input; nothing otherwise. */
  readonly stdin?: string;
  /** Asked whenever something was written to stderr, and every so often; a signal that it gives is sent once. */
  readonly kill?: (stderr: string) => Promise<NodeJS.Signals | undefined>;
}

/** Runs the real program, with a cache of its own in `cwd`. */
export function m2s2l(words: readonly string[], options: RunOptions): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: options.cwd,
    env: { ...process.env, M2S2L_CACHE: join(options.cwd, '.cache'), ...options.env },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  if (options.stdin !== undefined) createReadStream(options.stdin).pipe(child.stdin!);
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text) => (stderr += text));
  const { kill } = options;
  const watch = setInterval(async () => {
    const signal = await kill?.(stderr);
    if (!signal) return;
    clearInterval(watch);
    child.kill(signal);
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      clearInterval(watch);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Every file and folder below a folder, but for the cache: `path size` each. */
export async function listing(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('.cache'));
  const lines = paths.map(async (path) => {
    const info = await stat(path);
    return `${path} ${info.isDirectory() ? 'folder' : info.size}`;
  });
  return (await Promise.all(lines)).sort();
}

export const readJson = async <T>(path: string): Promise<T> =>
  JSON.parse(await readFile(path, 'utf8')) as T;
