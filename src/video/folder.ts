import { readdir } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { UserError } from '../errors.ts';
import { pathKind } from '../files/path-kind.ts';
import type { Size } from './frame.ts';
import type { Reel, Shot } from './reel.ts';
import { readStill, stillSize } from './still.ts';

/** Frames a second of a folder of frames, where nobody says otherwise. */
const assumedFps = 10;

/** Pictures that are decoded ahead of the one that is asked for. */
const readAhead = 4;

const pictureExtensions = ['.jpg', '.jpeg', '.png', '.tif', '.tiff', '.bmp'];

/** Names that are taken for videos when a folder is looked through. A file that is named is read under any name. */
export const videoExtensions = [
  ...['.mp4', '.m4v', '.mov', '.avi', '.mkv', '.webm', '.mpg', '.mpeg', '.ts', '.mts', '.m2ts'],
  ...['.wmv', '.asf', '.flv', '.3gp', '.ogv', '.vob', '.mxf', '.dav', '.mjpeg', '.mjpg', '.y4m'],
  ...['.h264', '.264', '.h265', '.265', '.hevc'],
] as const;

/**
 * Puts names in the order in which people number them: `2` before `10`, and where they end in times
 * with decimals, `1.25` before `1.5`. Decimals that count (`1.9`, `1.10`) are known by a last zero.
 */
export function inNaturalOrder(names: readonly string[]): string[] {
  const parts = names.map((name) => {
    const end = name.length - extname(name).length;
    const [, before = name, fraction = ''] = /^(.*\d)\.(\d+)$/.exec(name.slice(0, end)) ?? [];
    return { name, before: fraction ? before : name.slice(0, end), fraction };
  });
  const digits = Math.max(...parts.map(({ fraction }) => fraction.length));
  const counts = parts.some(({ fraction }) => fraction.length > 1 && fraction.endsWith('0'));
  const even = parts.every(({ fraction }) => fraction.length === digits);
  if (digits <= 0 || (counts && !even)) return names.toSorted(naturalOrder);
  const keyed = parts.map(({ name, before, fraction }) => ({
    name,
    key: `${before}.${fraction.padEnd(digits, '0')}`,
  }));
  return keyed
    .sort((a, b) => naturalOrder(a.key, b.key) || naturalOrder(a.name, b.name))
    .map(({ name }) => name);
}

/** Compares names as people number them: `2` before `10`. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
const collator = new Intl.Collator('en', { numeric: true });

/** Paths of the pictures directly in a folder, in natural order of their names; hidden files are left out. */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && isNamed(entry.name, pictureExtensions))
    .map((entry) => entry.name);
  return onlyFiles(inNaturalOrder(names).map((name) => join(folder, name)));
}

/** Paths of the video files in a folder and all below it, in natural order; hidden ones are left out. */
export async function listVideoFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && isNamed(entry.name, videoExtensions))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return onlyFiles(inNaturalOrder(paths).map((path) => join(folder, path)));
}

/** Links to folders are left out. @throws UserError for what is called like a file and cannot be read */
async function onlyFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const kind = await pathKind(path);
    if (!kind) throw new UserError(`${path}: is a link to nothing; take it out`);
    if (kind === 'file') files.push(path);
  }
  return files;
}

/** True where a folder has pictures directly in it. */
export async function isFrameFolder(folder: string): Promise<boolean> {
  return (await listPictures(folder)).length > 0;
}

function isNamed(name: string, extensions: readonly string[]): boolean {
  return !name.startsWith('.') && extensions.includes(extname(name).toLowerCase());
}

/**
 * A folder of frames, in natural order of their names.
 * @param fps default 10
 * @throws UserError when it is empty, holds no pictures, or holds pictures of several sizes
 */
export async function openFrameFolder(folder: string, fps?: number): Promise<Reel> {
  const paths = await listPictures(folder);
  if (paths.length === 0) {
    const empty = (await readdir(folder)).length === 0;
    throw new UserError(
      empty
        ? `${folder}: the folder is empty`
        : `${folder}: the folder holds no pictures (${pictureExtensions.join(' ')})`,
    );
  }
  await requireOneSize(folder, paths);
  return {
    fps: fps ?? assumedFps,
    expectedFrames: paths.length,
    shots: () => readFrames(paths),
  };
}

async function requireOneSize(folder: string, paths: readonly string[]): Promise<void> {
  let first: (Size & { path: string }) | undefined;
  for await (const [path, size] of ahead(paths, stillSize)) {
    if (!size) continue;
    first ??= { path, width: size.width, height: size.height };
    if (size.width !== first.width || size.height !== first.height) {
      throw new UserError(
        `${folder}: the frames are of mixed sizes: ${relative(folder, path)} is ${size.width}x${size.height} ` +
          `but ${relative(folder, first.path)} is ${first.width}x${first.height}; make them one size or take the odd ones out`,
      );
    }
  }
}

async function* readFrames(paths: readonly string[]): AsyncGenerator<Shot, undefined> {
  for await (const [, still] of ahead(paths, readStill)) {
    using picture = still;
    yield { picture, seconds: undefined };
  }
}

/** Each item with its result, in order, a few of them under way at a time. */
async function* ahead<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<[Item, Result]> {
  const pending: Promise<Result>[] = [];
  let next = 0;
  try {
    for (const item of items) {
      while (next < items.length && pending.length < readAhead) {
        const result = work(items[next++]!);
        // It may fail before its turn; the error is reported then.
        result.catch(() => undefined);
        pending.push(result);
      }
      yield [item, await pending.shift()!];
    }
  } finally {
    // Whoever leaves early does not care for the rest, nor for its faults.
    await Promise.allSettled(pending);
  }
}
