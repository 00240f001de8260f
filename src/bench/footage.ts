import type { Size } from '../video/frame.ts';
import { openVideoWriter } from '../video/write.ts';

/** Writes a video of discs that wander over a textured ground, the same every time. */
export async function writeFootage(
  path: string,
  size: Size & { readonly fps: number },
  frames: number,
): Promise<void> {
  const writer = await openVideoWriter(path, size);
  try {
    for (let frame = 0; frame < frames; frame++) await writer.write(picture(size, frame));
    await writer.close();
  } finally {
    await writer.abort();
  }
}

const discs = [
  { speed: 0.031, phase: 0, radius: 0.08, grey: 230 },
  { speed: 0.047, phase: 2, radius: 0.05, grey: 60 },
  { speed: 0.023, phase: 4, radius: 0.11, grey: 180 },
];

function picture({ width, height }: Size, frame: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  const now = discs.map(({ speed, phase, radius, grey }) => ({
    x: width * (0.5 + 0.45 * Math.sin(speed * frame + phase)),
    y: height * (0.5 + 0.4 * Math.cos(1.7 * speed * frame + phase)),
    square: (radius * width) ** 2,
    grey,
  }));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const disc = now.find((d) => (x - d.x) ** 2 + (y - d.y) ** 2 < d.square);
      const grey = disc?.grey ?? 100 + 20 * Math.sin(x / 9) * Math.cos(y / 7);
      data.fill(grey, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  return data;
}
