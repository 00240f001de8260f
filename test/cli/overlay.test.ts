import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Canvas } from '../../src/cli/canvas.ts';
import { OverlayVideo } from '../../src/cli/overlay.ts';
import type { ScoredFrame } from '../../src/detector/frame-scorer.ts';
import type { VideoSource } from '../../src/video/frame.ts';
import { openVideo } from '../../src/video/open.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';
import { collect, plain } from '../video/footage.ts';

const temporaryFolder = temporaryFolders();

describe('a canvas', () => {
  test('takes a picture, enlarged by its nearest pixels', () => {
    const canvas = new Canvas(4, 3);
    const data = Uint8Array.of(1, 1, 1, 2, 2, 2);
    canvas.picture({ width: 2, height: 1, data }, { width: 4, height: 2 });
    const first = canvas.data.filter((_, i) => i % 3 === 0);
    expect([...first]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 0, 0, 0, 0]);
  });

  test('draws an outline, cut at its edges', () => {
    const canvas = new Canvas(4, 4);
    canvas.outline(-1, 1, 3, 9, 1, [7, 8, 9]);
    const first = canvas.data.filter((_, i) => i % 3 === 0);
    expect([...first]).toEqual([0, 0, 0, 0, 7, 7, 7, 0, 0, 0, 7, 0, 0, 0, 7, 0]);
  });
});

test('an overlay shows the picture, its regions, the alarm and the curve', async () => {
  const source = {
    source: { width: 480, height: 240 },
    fps: 10,
  } as unknown as VideoSource;
  const path = join(await temporaryFolder(), 'overlay.mp4');
  const video = await OverlayVideo.open(path, source, 10);
  const frame = (score: number, alarm: boolean): ScoredFrame => ({
    frame: 0,
    time: 0,
    score,
    appearance: score,
    motion: 0,
    alarm,
    regions: alarm ? [{ x: 100, y: 50, width: 60, height: 40, score }] : [],
    corrupt: false,
    warmUp: false,
    original: { ...source.source, data: plain(source.source, 100) },
  });
  await video.add(frame(2, false));
  await video.add(frame(18, true));
  await video.close();

  const format = { width: 480, height: 300, channels: 3 } as const;
  const opened = await openVideo(path, format);
  expect(opened.source).toEqual({ width: 480, height: 300 });
  const [calm, alarmed] = await collect(opened);
  const pixel = ({ data }: { data: Uint8Array }, x: number, y: number) =>
    [0, 1, 2].map((plane) => data[plane * 480 * 300 + y * 480 + x]!);
  const [r, g, b] = pixel(alarmed!, 130, 51);
  expect(r! - b!).toBeGreaterThan(80);
  expect(g! - b!).toBeGreaterThan(80);
  const untouched = [...pixel(alarmed!, 130, 70), ...pixel(alarmed!, 300, 150)];
  for (const value of untouched) expect(Math.abs(value - 100)).toBeLessThan(12);
  expect(pixel(calm!, 240, 1)[0]).toBeLessThan(120);
  expect(pixel(alarmed!, 240, 1)[0]! - pixel(alarmed!, 240, 1)[2]!).toBeGreaterThan(80);
  // A score of 18 with a threshold of 10 reaches high into the strip, one of 2 does not.
  expect(Math.max(...pixel(alarmed!, 479, 260))).toBeGreaterThan(100);
  expect(Math.max(...pixel(calm!, 479, 260))).toBeLessThan(80);
});
