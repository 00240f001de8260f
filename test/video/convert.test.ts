import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PictureConverter } from '../../src/video/convert.ts';
import { loadFFmpeg } from '../../src/video/ffmpeg.ts';

/** The mean of the area that output pixel (x, y) covers, by its definition. */
function areaMean(
  data: Uint8Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
  x: number,
  y: number,
): number {
  const within = (at: number, i: number, step: number) =>
    Math.max(0, Math.min(at + 1, (i + 1) * step) - Math.max(at, i * step));
  const stepX = from.width / to.width;
  const stepY = from.height / to.height;
  let sum = 0;
  for (let row = Math.floor(y * stepY); row < Math.min((y + 1) * stepY, from.height); row++) {
    for (
      let column = Math.floor(x * stepX);
      column < Math.min((x + 1) * stepX, from.width);
      column++
    ) {
      sum += data[row * from.width + column]! * within(row, y, stepY) * within(column, x, stepX);
    }
  }
  return sum / (stepX * stepY);
}

test('each pixel of a smaller picture is the mean of the area that it covers', async () => {
  const ffmpeg = await loadFFmpeg();
  const side = fc.integer({ min: 8, max: 90 });
  await fc.assert(
    fc.asyncProperty(
      side,
      side,
      fc.integer(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (width, height, seed, shrink) => {
        const from = { width, height };
        const to = {
          width: Math.max(4, Math.floor(width * (1 - shrink * 0.9))),
          height: Math.max(4, Math.floor(height * (1 - shrink * 0.7))),
        };
        const data = Uint8Array.from(
          { length: width * height },
          (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24,
        );
        const picture = ffmpeg.Frame.fromVideoBuffer(Buffer.from(data), {
          ...from,
          format: ffmpeg.AV_PIX_FMT_GRAY8,
        });
        picture.colorRange = ffmpeg.AVCOL_RANGE_JPEG;
        const converter = new PictureConverter(ffmpeg);
        try {
          const scaled = converter.toFormat(picture, { ...to, channels: 1 });
          for (const [i, value] of scaled.entries()) {
            const expected = areaMean(data, from, to, i % to.width, Math.floor(i / to.width));
            expect(Math.abs(value - expected)).toBeLessThan(2);
          }
        } finally {
          converter.free();
          picture.free();
        }
      },
    ),
    { numRuns: 60 },
  );
});
