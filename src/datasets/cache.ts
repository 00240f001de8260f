import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { diskError } from '../files/atomic.ts';
import { pathKind } from '../files/path-kind.ts';
import type { FrameFormat } from '../video/frame.ts';
import { openVideo } from '../video/open.ts';
import type { Clip } from './clip.ts';
import { hashContent } from './content.ts';
import { type Entry, fill, frameBytes, openEntry, readFully, writeEntry } from './entry.ts';
import type { ClipSource, TestingClip } from './layout.ts';

/** To be raised when decoding or resizing comes to give other bytes, so that old entries are not taken. */
const decoderVersion = 2;

const defaultMaxBytes = 20 * 2 ** 30;

/** A temporary file that nobody wrote to for so long, in milliseconds, was left by a process that was killed. */
const abandoned = 60 * 60 * 1000;

export interface CacheOptions {
  /** Default: the environment's `M2S2L_CACHE`, or `m2s2l` in `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheDir?: string | undefined;
  /** Bound of the cache folder. Default: the environment's `M2S2L_CACHE_BYTES`, or 20 GiB. */
  readonly maxBytes?: number | undefined;
  /** For folders of frames, and videos that have none; see `openVideo`. */
  readonly fps?: number | undefined;
  /** Frames decoded so far, frames in all of the clips that need decoding (an estimate), the clip under way. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** A clip of {@link openClips}. */
export interface CachedClip extends Clip {
  /** sha256 of what was decoded; see `hashContent`. */
  readonly content: string;
}

/**
 * Opens clips for reading at any position: each is decoded once into a cache of bytes that is
 * keyed by its content, the format, and the frame rate. The cache may be deleted at any time
 * and shared by processes; entries that were not used for longest leave when the bound is met.
 * @throws UserError when a clip is no video (see `openVideo`), has labels or masks that are not
 *   as many as its frames, the disk is full, or these clips alone are more than the bound
 */
export async function openClips(
  sources: readonly (ClipSource | TestingClip)[],
  format: FrameFormat,
  options: CacheOptions = {},
): Promise<CachedClip[]> {
  const cache = options.cacheDir ?? defaultFolder();
  const maxBytes = options.maxBytes ?? defaultBytes();
  const wanted = await planClips(sources, format, options.fps, cache);
  const total = wanted.reduce((sum, { video }) => sum + (video?.expectedFrames ?? 0), 0);
  const clips: CachedClip[] = [];
  let done = 0;
  let used = 0;
  const keep = new Set(wanted.map(({ path }) => path));
  const allow = (bytes: number) => {
    if (used + bytes > maxBytes) throw tooMuch(maxBytes, format);
  };
  try {
    for (const { source, content, path, video } of wanted) {
      let entry = await openEntry(path, format);
      if (!entry) {
        const before = done;
        const decoded = video ?? (await openVideo(source.path, format, { fps: options.fps }));
        await writeEntry(path, decoded, (frames, bytes) => {
          allow(bytes);
          done = before + frames;
          options.onProgress?.(done, Math.max(done, total), source.name);
        });
        await trim(cache, maxBytes, keep);
        entry = await openEntry(path, format);
      }
      if (!entry) throw new Error(`${path}: the entry of ${source.path} vanished as it was made`);
      const clip = openClip(source, content, format, entry);
      clips.push(clip);
      requireTruth(source, clip);
      allow(clip.frames * frameBytes(format));
      used += clip.frames * frameBytes(format);
      await touch(path);
    }
  } catch (error) {
    await Promise.all(clips.map((clip) => clip.close()));
    throw error;
  }
  return clips;
}

/** Where each clip lies or will lie in the cache; those that need decoding come with their opened video. */
async function planClips(
  sources: readonly (ClipSource | TestingClip)[],
  format: FrameFormat,
  fps: number | undefined,
  cache: string,
) {
  await mkdir(cache, { recursive: true }).catch((error) => {
    throw diskError(error, cache);
  });
  const wanted = [];
  const planned = new Set<string>();
  for (const source of sources) {
    // Opening the video reports a wrong path.
    const exists = await pathKind(source.path);
    const content = exists ? await hashContent(source) : '';
    const path = join(cache, `${entryKey(content, format, fps)}.clip`);
    const entry = planned.has(path) ? undefined : await openEntry(path, format);
    await entry?.file.close();
    // All are opened before the first is decoded: a bad one is reported at once, not after an hour.
    const needed = !entry && !planned.has(path);
    const video = needed ? await openVideo(source.path, format, { fps }) : undefined;
    planned.add(path);
    wanted.push({ source, content, path, video });
  }
  return wanted;
}

function entryKey(content: string, format: FrameFormat, fps: number | undefined): string {
  const { width, height, channels } = format;
  const settings = JSON.stringify([decoderVersion, content, width, height, channels, fps ?? null]);
  return createHash('sha256').update(settings).digest('hex');
}

function openClip(
  { name, path }: ClipSource,
  content: string,
  format: FrameFormat,
  { file, description }: Entry,
): CachedClip {
  const size = frameBytes(format);
  const requireFrames = (start: number, count: number): void => {
    if (!(start >= 0 && count >= 0 && start + count <= description.frames)) {
      throw new RangeError(
        `${name}: frames ${start} to ${start + count} of ${description.frames} were asked for`,
      );
    }
  };
  return {
    name,
    path,
    content,
    format,
    ...description,
    async read(start, count) {
      requireFrames(start, count);
      return readFully(file, start * size, count * size);
    },
    async readInto(place, start) {
      requireFrames(start, place.length / size);
      await fill(place, file, start * size);
    },
    close: () => file.close(),
  };
}

function requireTruth(source: ClipSource | TestingClip, clip: Clip): void {
  if (!('labels' in source)) return;
  const { path, name, labels, masks } = source;
  for (const [what, truth] of [['labels', labels] as const, ['masks', masks] as const]) {
    if (truth && truth.length !== clip.frames) {
      throw new UserError(
        `${path}: clip ${name} has ${clip.frames} frames but ${truth.length} ${what}; there must be one a frame`,
      );
    }
  }
}

function tooMuch(maxBytes: number, { width, height, channels }: FrameFormat): UserError {
  return new UserError(
    `the clips at ${width}x${height}x${channels} need more than the ${maxBytes} bytes that the cache may take; ` +
      'set M2S2L_CACHE_BYTES higher, or use fewer clips',
  );
}

/** Marks an entry as used now. It may have been deleted meanwhile; what is open stays readable. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

/** Takes out the entries that were not used for longest until the bound is kept, and what killed processes left. */
async function trim(cache: string, maxBytes: number, keep: ReadonlySet<string>): Promise<void> {
  const entries = [];
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const info = await stat(path).catch(() => undefined);
    if (!info) continue;
    if (/\.clip$/.test(name)) entries.push({ path, bytes: info.size, used: info.mtimeMs });
    if (/\.clip\.\w+\.tmp$/.test(name) && Date.now() - info.mtimeMs > abandoned) {
      await rm(path, { force: true });
    }
  }
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries.sort((a, b) => a.used - b.used)) {
    if (bytes <= maxBytes) break;
    if (keep.has(entry.path)) continue;
    await rm(entry.path, { force: true });
    bytes -= entry.bytes;
  }
}

function defaultFolder(): string {
  const { M2S2L_CACHE, XDG_CACHE_HOME } = process.env;
  return M2S2L_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'm2s2l');
}

function defaultBytes(): number {
  const text = process.env.M2S2L_CACHE_BYTES;
  if (!text) return defaultMaxBytes;
  const bytes = Number(text);
  if (!Number.isFinite(bytes) || bytes <= 0) {
    throw new UserError(`M2S2L_CACHE_BYTES is "${text}"; it must be a number of bytes`);
  }
  return bytes;
}
