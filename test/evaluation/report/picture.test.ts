import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pictureAddress } from '../../../src/evaluation/report/picture.ts';

async function drawn(heatmap: number[], channels: 1 | 3, data: Uint8Array) {
  const address = await pictureAddress(
    {
      frame: 0,
      picture: { format: { width: 2, height: 2, channels }, data },
      source: { width: 300, height: 200 },
      heatmap: Float32Array.from(heatmap),
      grid: { width: 2, height: 1 },
    },
    4,
  );
  expect(address.startsWith('data:image/jpeg;base64,')).toBe(true);
  const jpeg = Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
  const { data: pixels, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 300, height: 200, channels: 3 });
  return (x: number, y: number) => [...pixels.subarray((y * 300 + x) * 3, (y * 300 + x) * 3 + 3)];
}

describe('picture of a peak', () => {
  it('has the shape of the source and the heat where it is', async () => {
    const pixel = await drawn([-5, 9], 1, new Uint8Array(4).fill(60));
    const [red, green, blue] = pixel(10, 100);
    expect(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)).toBeLessThan(8);
    expect(Math.abs(green! - 60)).toBeLessThan(8);
    const [hotRed, , hotBlue] = pixel(290, 100);
    expect(hotRed).toBeGreaterThan(150);
    expect(hotRed! - hotBlue!).toBeGreaterThan(50);
  });

  it('reads planar colour', async () => {
    const red = Uint8Array.of(200, 200, 200, 200, 30, 30, 30, 30, 40, 40, 40, 40);
    const pixel = await drawn([0, 0], 3, red);
    const [r, g, b] = pixel(150, 100);
    expect(Math.abs(r! - 200)).toBeLessThan(10);
    expect(Math.abs(g! - 30)).toBeLessThan(10);
    expect(Math.abs(b! - 40)).toBeLessThan(10);
  });
});
