import { Buffer } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../files/atomic.ts';
import type { FrameFormat, VideoSource } from '../video/frame.ts';

/**
 * One decoded clip as a file: the frames' bytes from the start of the file, then what is known of
 * them as JSON, then the length of that JSON and a mark. A file that was cut off has no mark.
 */
const mark = 'M2S2Lv1\n';
const endBytes = 4 + mark.length;

/** Bytes that are gathered before they are written. */
const batchBytes = 1 << 20;

const description = z.object({
  frames: z.int().positive(),
  fps: z.number().positive(),
  source: z.object({ width: z.int().positive(), height: z.int().positive() }),
  corrupt: z.array(z.int().nonnegative()),
  gaps: z.array(z.int().positive()).default([]),
});

/** What is known of a decoded clip beside its bytes. */
export type EntryDescription = z.infer<typeof description>;

/** An entry that is open for reading. */
export interface Entry {
  readonly file: FileHandle;
  readonly description: EntryDescription;
}

/** Bytes of one frame of a format. */
export function frameBytes({ width, height, channels }: FrameFormat): number {
  return width * height * channels;
}

/**
 * Decodes a video into an entry, whole or not at all.
 * @param onFrame called after each frame with the bytes so far; may throw to give up
 */
export async function writeEntry(
  path: string,
  video: VideoSource,
  onFrame: (frames: number, bytes: number) => void,
): Promise<void> {
  const size = frameBytes(video.format);
  await writeAtomically(path, async (file) => {
    const batch = Buffer.alloc(size * Math.max(1, Math.floor(batchBytes / size)));
    const corrupt: number[] = [];
    const gaps: number[] = [];
    let stretch = 0;
    let filled = 0;
    let frames = 0;
    for await (const frame of video) {
      batch.set(frame.data, filled);
      filled += size;
      frames++;
      if (frame.corrupt) corrupt.push(frame.index);
      if ((frame.stretch ?? 0) !== stretch) gaps.push(frames - 1);
      stretch = frame.stretch ?? 0;
      if (filled === batch.length) {
        await file.writeFile(batch);
        filled = 0;
      }
      onFrame(frames, frames * size);
    }
    const { fps, source } = video;
    const text = Buffer.from(
      JSON.stringify({ frames, fps, source, corrupt, gaps } satisfies EntryDescription),
    );
    const end = Buffer.alloc(endBytes);
    end.writeUInt32LE(text.length);
    end.write(mark, 4, 'latin1');
    await file.writeFile(Buffer.concat([batch.subarray(0, filled), text, end]));
  });
}

/**
 * Opens an entry for reading.
 * @returns undefined where there is none, or one that is damaged
 */
export async function openEntry(path: string, format: FrameFormat): Promise<Entry | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  const found = await readDescription(file, frameBytes(format));
  if (!found) {
    await file.close();
    return undefined;
  }
  return { file, description: found };
}

async function readDescription(
  file: FileHandle,
  size: number,
): Promise<EntryDescription | undefined> {
  const total = (await file.stat()).size;
  if (total < endBytes) return undefined;
  const end = await readFully(file, total - endBytes, endBytes);
  if (end.toString('latin1', 4) !== mark) return undefined;
  const length = end.readUInt32LE();
  if (length > total - endBytes) return undefined;
  const text = await readFully(file, total - endBytes - length, length);
  let json: unknown;
  try {
    json = JSON.parse(text.toString());
  } catch {
    return undefined;
  }
  const { data } = description.safeParse(json);
  return data && data.frames * size + length + endBytes === total ? data : undefined;
}

/** @throws Error when the file is shorter than that */
export async function readFully(
  file: FileHandle,
  position: number,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.allocUnsafeSlow(length);
  await fill(bytes, file, position);
  return bytes;
}

/** Fills some bytes from a position of a file. @throws Error when the file is shorter than that */
export async function fill(bytes: Uint8Array, file: FileHandle, position: number): Promise<void> {
  const { length } = bytes;
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('a cache entry was cut off while it was read');
    done += bytesRead;
  }
}
