import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { writePicture, writeVideo } from '../video/footage.ts';

export const size = { width: 32, height: 32, fps: 10 };

/** Frames of each testing clip, and which of them are anomalous: the square jumps. */
export const testing = { frames: 50, from: 30, to: 42 };

/** A folder that all tests of a file share, and that is gone after them. */
export function sharedFolder(fill: (folder: string) => Promise<void>): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'm2s2l-test-'));
    await fill(folder);
  }, 400_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** A square that swings to and fro, and jumps about in the frames from `odd.from` to `odd.to`. */
export function swinging(frames: number, odd = { from: frames, to: frames }): Uint8Array[] {
  return Array.from({ length: frames }, (_, frame) => {
    const data = new Uint8Array(size.width * size.height * 3).fill(90);
    const jumps = frame >= odd.from && frame < odd.to;
    const left = jumps ? (frame * 11) % 24 : Math.round(12 + 10 * Math.sin(frame / 6));
    for (let y = 12; y < 20; y++) {
      const at = (y * size.width + left) * 3;
      data.fill(220, at, at + 8 * 3);
    }
    return data;
  });
}

/** A data set `data` in a folder: two training videos, a labelled testing clip with masks. */
export async function writeDataset(folder: string): Promise<void> {
  const data = join(folder, 'data');
  for (const part of ['training/videos', 'testing/videos', 'testing/masks/01', 'labels'])
    await mkdir(join(data, part), { recursive: true });
  for (const name of ['01', '02'])
    await writeVideo(join(data, 'training/videos', `${name}.mp4`), size, swinging(80));
  await writeVideo(join(data, 'testing/videos/01.mp4'), size, swinging(testing.frames, testing));
  const labels = Array.from({ length: testing.frames }, (_, frame) =>
    frame >= testing.from && frame < testing.to ? 1 : 0,
  );
  await writeLabels(data, labels);
  for (const [frame, label] of labels.entries()) {
    const mask = new Uint8Array(size.width * size.height * 3);
    if (label) mask.fill(255, 12 * size.width * 3, 20 * size.width * 3);
    await writePicture(join(data, 'testing/masks/01', `${frame}.png`), size, mask);
  }
}

export async function writeLabels(data: string, labels: readonly number[]): Promise<void> {
  const text = JSON.stringify({ source: 'invented', clips: { '01': labels } });
  await writeFile(join(data, 'labels/frame_labels.json'), text);
}

/** The quickest training there is. */
export const quickTraining = ['--preset', 'tiny', '--size', '32x32', '--epochs', '0.2'] as const;
