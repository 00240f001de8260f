import { heatColour, heatOf } from './colormap.ts';

/** A byte of a heatmap at the level of a region: 255 is twice that. */
const LEVEL = 127.5;

/** Opacity of a third, so that people stay visible underneath. */
const MOST_OPAQUE = 85;

/** Light, so that the outline shows on dark and on coloured ground. */
const OUTLINE = [255, 236, 120, 255] as const;

/** Share of the highest byte that is outlined where nothing reaches the level. */
const PLACE_SHARE = 0.75;

export interface HeatPicture {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 4]` */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * Renders a heatmap as an overlay, for live and stored pictures alike: regions are outlined and coloured, at
 * most a third opaque; ordinary places are clear.
 * @param levels `[height, width]`, 255 at twice the level of a region
 * @param across pixels that the result is wide, about
 * @param options.always outlines the worst place where nothing reaches the level
 */
export function heatPicture(
  levels: Uint8Array,
  grid: { readonly width: number; readonly height: number },
  across: number,
  { always = false } = {},
): HeatPicture {
  const scale = Math.max(1, Math.round(across / grid.width));
  const [width, height] = [grid.width * scale, grid.height * scale];
  const rgba = new Uint8ClampedArray(4 * width * height);
  const highest = levels.reduce((most, level) => Math.max(most, level), 0);
  const level = always && highest > 0 ? Math.min(LEVEL, PLACE_SHARE * highest) : LEVEL;
  if (highest < level && heatOf(highest / LEVEL, 1) === 0) return { width, height, rgba };
  const smooth = enlarged(levels, grid, scale);
  for (let at = 0; at < smooth.length; at++) {
    const heat = heatOf(smooth[at]! / LEVEL, 1);
    if (heat > 0) rgba.set([...heatColour(heat), MOST_OPAQUE * heat], 4 * at);
    if (smooth[at]! >= level && isEdge(smooth, at, width, level)) rgba.set(OUTLINE, 4 * at);
  }
  return { width, height, rgba };
}

/** Whether a neighbour lies below the level; the picture's own edge is none. */
function isEdge(values: Float32Array, at: number, width: number, level: number): boolean {
  const x = at % width;
  const below = (neighbour: number) => (values[neighbour] ?? level) < level;
  return (
    (x > 0 && below(at - 1)) ||
    (x < width - 1 && below(at + 1)) ||
    below(at - width) ||
    below(at + width)
  );
}

/** Bilinear upscaling; each value is at the centre of its square of pixels. */
function enlarged(
  levels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  scale: number,
): Float32Array {
  const across = weights(width, scale);
  const down = weights(height, scale);
  const values = new Float32Array(across.length * down.length);
  for (const [y, [top, bottom, low]] of down.entries())
    for (const [x, [left, right, far]] of across.entries()) {
      const of = (row: number) =>
        levels[row * width + left]! * (1 - far) + levels[row * width + right]! * far;
      values[y * across.length + x] = of(top) * (1 - low) + of(bottom) * low;
    }
  return values;
}

/** Cells before and after each pixel, and the weight of the latter. */
function weights(cells: number, scale: number): [before: number, after: number, share: number][] {
  return Array.from({ length: cells * scale }, (_, pixel) => {
    const at = Math.min(cells - 1, Math.max(0, (pixel + 0.5) / scale - 0.5));
    const before = Math.floor(at);
    return [before, Math.min(cells - 1, before + 1), at - before];
  });
}
