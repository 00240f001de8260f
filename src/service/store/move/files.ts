import { mkdir, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { diskError } from '../../../files/atomic.ts';
import { copyAtomically } from '../../../files/copy.ts';

/** What lies in a data folder and is no file of its rows: the store itself, and what may be deleted at any time. */
const left = /^(service\.(db(-wal|-shm)?|lock)|cache|rehearsals)$/;

/** Of `writeAtomically`: never whole. */
const temporary = /\.[0-9a-f]{8}\.tmp$/;

export interface CopiedFiles {
  readonly count: number;
  readonly bytes: number;
}

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
}

/**
 * Copies the files of a store from one folder to another, each whole or not at all. Files that an earlier
 * copy has brought are left as they are.
 * @param onProgress the share of the bytes, 0 to 1
 * @throws UserError where another file is in the place of one, or the disk is full; the reason of the signal
 */
export async function copyFiles(
  from: string,
  to: string,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<CopiedFiles> {
  const inside = relative(resolve(from), resolve(to));
  if (!inside.startsWith('..') && !isAbsolute(inside))
    throw new UserError(`${to}: lies inside of ${from}; choose a folder beside it`);
  const files = await filesIn(from, from);
  // It shows people: for nobody else to read.
  await mkdir(to, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw diskError(error, to);
  });
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let [count, bytes, done] = [0, 0, 0];
  for (const file of files) {
    signal.throwIfAborted();
    onProgress(all === 0 ? 1 : done / all);
    if (await copyOne(file, join(to, relative(from, file.path)))) {
      count += 1;
      bytes += file.bytes;
    }
    done += file.bytes;
  }
  onProgress(1);
  return { count, bytes };
}

async function copyOne({ path, bytes, modified }: FoundFile, target: string): Promise<boolean> {
  const there = await stat(target).catch(() => undefined);
  if (!there) {
    await copyAtomically(path, target);
    return true;
  }
  // File systems keep times of different fineness.
  if (there.size !== bytes || Math.abs(there.mtimeMs - modified) > 2000)
    throw new UserError(
      `${target}: is there already, and is not ${path}; move it away or choose another folder`,
    );
  return false;
}

async function filesIn(folder: string, top: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    if (temporary.test(name) || (folder === top && left.test(name))) continue;
    const path = join(folder, name);
    const info = await stat(path);
    if (info.isDirectory()) found.push(...(await filesIn(path, top)));
    else if (info.isFile()) found.push({ path, bytes: info.size, modified: info.mtimeMs });
  }
  return found;
}
