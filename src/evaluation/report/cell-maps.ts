import sharp from 'sharp';
import type { Grid } from '../../scoring/blocks.ts';

/** Width in pixels of a map or a picture. */
const WIDTH = 256;

/** Colours for what differs in kind, apart for most colour-blind readers (Okabe and Ito). */
const KINDS = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [153, 153, 153],
] as const;

export const kindColour = (kind: number): string => `rgb(${KINDS[kind % KINDS.length]!.join(' ')})`;

/** A picture `[C, H, W]` whose values run from `-reach` to `reach`, as a JPEG in a `data:` address. */
export async function pictureOf(
  values: Float32Array,
  { channels, height, width }: { channels: 1 | 3; height: number; width: number },
  reach = 1,
): Promise<string> {
  const pixels = height * width;
  const bytes = Uint8Array.from({ length: channels * pixels }, (_, i) => {
    const value = values[(i % channels) * pixels + Math.floor(i / channels)]!;
    return Math.max(0, Math.min(255, Math.round(127.5 * (1 + value / reach))));
  });
  const jpeg = await sharp(bytes, { raw: { width, height, channels } })
    .resize({ width: WIDTH })
    .toColourspace('srgb')
    .jpeg({ quality: 75 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}

/** Cells coloured by what leads there, the clearer the more it leads: weights `[cells, scales]`. */
export const leaders = (weights: Float32Array, scales: number, grid: Grid): Promise<string> =>
  cellPicture(grid, (cell) => {
    let best = 0;
    for (let s = 1; s < scales; s++)
      if (weights[cell * scales + s]! > weights[cell * scales + best]!) best = s;
    const lead = (weights[cell * scales + best]! - 1 / scales) / (1 - 1 / scales);
    return faded(KINDS[best % KINDS.length]!, Math.max(0, lead));
  });

/** Cells in the colours of three directions, `[cells, 3]` in standard deviations: grey is the mean. */
export const directions = (part: Float32Array, grid: Grid): Promise<string> =>
  cellPicture(grid, (cell) => {
    const colour = (k: number) => Math.round(255 / (1 + Math.exp(-part[cell * 3 + k]!)));
    return [colour(0), colour(1), colour(2)];
  });

/** Cells in the colour of the prototype that they read most of. */
export const prototypesRead = (slots: Int32Array, grid: Grid): Promise<string> =>
  cellPicture(grid, (cell) => (slots[cell]! < 0 ? [255, 255, 255] : slotColour(slots[cell]!)));

type Colour = readonly [number, number, number];

/** Slots in turn around the circle of hues, neighbours far apart. */
function slotColour(slot: number): Colour {
  const hue = (slot * 0.618034) % 1;
  const channel = (shift: number) =>
    Math.round(255 * (0.55 + 0.4 * Math.cos(2 * Math.PI * (hue + shift))));
  return [channel(0), channel(1 / 3), channel(2 / 3)];
}

const faded = ([red, green, blue]: Colour, strength: number): Colour => {
  const mixed = (value: number) => Math.round(235 + (value - 235) * Math.sqrt(strength));
  return [mixed(red), mixed(green), mixed(blue)];
};

async function cellPicture(grid: Grid, colourOf: (cell: number) => Colour): Promise<string> {
  const cells = grid.width * grid.height;
  const bytes = Uint8Array.from(Array.from({ length: cells }, (_, cell) => colourOf(cell)).flat());
  const raw = { width: grid.width, height: grid.height, channels: 3 } as const;
  const png = await sharp(bytes, { raw })
    .resize({ width: WIDTH, kernel: 'nearest' })
    .png({ palette: true })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
