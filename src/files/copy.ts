import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { writeAtomically } from './atomic.ts';

/** Bytes that are read at once. */
const CHUNK = 1 << 20;

/**
 * Copies a file whole or not at all, with the time of its last change.
 * @throws UserError when the disk is full or the place may not be written
 */
export async function copyAtomically(from: string, to: string): Promise<void> {
  const { atime, mtime } = await stat(from);
  await writeAtomically(to, async (file) => {
    for await (const chunk of createReadStream(from, { highWaterMark: CHUNK }))
      await file.writeFile(chunk);
    await file.utimes(atime, mtime);
  });
}
