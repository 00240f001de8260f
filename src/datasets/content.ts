import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { listPictures } from '../video/folder.ts';
import type { ClipSource } from './layout.ts';

/**
 * What a clip holds, as a sha256 in hex: over the bytes of a video file, or over the names and
 * bytes of a folder's pictures. The same wherever it lies and whenever it was written.
 */
export async function hashContent({ path }: Pick<ClipSource, 'path'>): Promise<string> {
  if (!(await stat(path)).isDirectory()) return hashFile(path);
  const hash = createHash('sha256');
  for (const picture of await listPictures(path)) {
    hash.update(`${basename(picture)}\0${sha256(await readFile(picture))}\n`);
  }
  return hash.digest('hex');
}

/** A video may be larger than memory. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part);
  return hash.digest('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One sha256 in hex for a list of clips, their names and contents in their order: the provenance of a model. */
export function fingerprint(clips: readonly { name: string; content: string }[]): string {
  const hash = createHash('sha256');
  for (const { name, content } of clips) hash.update(`${name}\0${content}\n`);
  return hash.digest('hex');
}
