import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { Size } from '../../video/frame.ts';
import { openVideo } from '../../video/open.ts';
import { encodeMask } from './bitmap.ts';

/** What a converter works with. */
export interface Conversion {
  /** The official download. */
  readonly from: string;
  /** The folder that becomes the data set. */
  readonly to: string;
  /** To be called when a clip is done: clips so far, clips in all, the clip. */
  readonly onProgress: (done: number, total: number, clip: string) => void;
  /** To be called with one line where the download is not whole, and the import goes on all the same. */
  readonly onNote: (note: string) => void;
}

/** File name of frame `index` of `count`, without extension: `000`, more digits where needed. */
export function frameName(index: number, count: number): string {
  return String(index).padStart(Math.max(3, String(count - 1).length), '0');
}

/** Names in a folder, hidden ones left out. @throws UserError saying what the download lacks */
export async function listNames(folder: string, what: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new UserError(`${folder}: is missing; ${what} has this folder`);
  });
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** Copies a file, as a clone that takes no room where the disk can do that. */
export async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

/**
 * Writes one mask file a frame.
 * @param mask what is anomalous in frame `index`, `[height, width]`; undefined where nothing is
 */
export async function writeMasks(
  to: string,
  clip: string,
  count: number,
  size: Size,
  mask: (index: number) => Uint8Array | undefined | Promise<Uint8Array>,
): Promise<void> {
  const folder = join(to, 'testing', 'masks', clip);
  await mkdir(folder, { recursive: true });
  const empty = encodeMask(new Uint8Array(size.width * size.height), size);
  for (let index = 0; index < count; index++) {
    const marked = await mask(index);
    const name = `${frameName(index, count)}.png`;
    await writeFile(join(folder, name), marked ? encodeMask(marked, size) : empty);
  }
}

export async function writeLabels(
  to: string,
  source: string,
  clips: ReadonlyMap<string, readonly number[]>,
): Promise<void> {
  await mkdir(join(to, 'labels'), { recursive: true });
  const file = {
    source,
    convention: '1 = anomalous, 0 = normal; index 0 is the first frame of the clip',
    clips: Object.fromEntries(clips),
  };
  await writeFile(join(to, 'labels', 'frame_labels.json'), `${JSON.stringify(file)}\n`);
}

/** @throws UserError when the truth in `file` is not as long as its clip */
export function requireFrames(file: string, truth: number, clip: string, frames: number): void {
  if (truth === frames) return;
  throw new UserError(`${file}: is for ${truth} frames but ${basename(clip)} has ${frames}`);
}

/** Number and size of a clip's pictures. A video is decoded for it: what its container says may be wrong. */
export async function countFrames(path: string): Promise<{ frames: number; source: Size }> {
  const video = await openVideo(path, { width: 8, height: 8, channels: 1 });
  const { source, expectedFrames } = video;
  if ((await stat(path)).isDirectory()) return { frames: expectedFrames ?? 0, source };
  let frames = 0;
  for await (const _ of video) frames++;
  return { frames, source };
}

/** A folder of a download, by the first of some names that is there; else by the first. */
export async function partOf(from: string, names: readonly string[]): Promise<string> {
  const paths = names.map((name) => join(from, name));
  for (const path of paths) if (await stat(path).catch(() => undefined)) return path;
  return paths[0]!;
}

/** Says of which file a fault is that a reader of a format found. */
export async function readAs<Result>(
  path: string,
  read: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}
