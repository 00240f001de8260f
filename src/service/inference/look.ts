import type { Ring } from '../../detector/ring.ts';
import { CELL, cellGrid, type ModelConfiguration } from '../../model/configuration.ts';

/** Cells around the worst one that are described, too, on each side. */
const AROUND = 1;

/** Gray values a side that describe the place. */
const SIDE = 6;

/** Gray levels below which a contrast or a change is noise. */
const NOISE = 4;

/** How much the change over the shortest time scale counts beside the picture. */
const CHANGE_WEIGHT = 0.7;

/**
 * Describes the picture at a cell and how it changes there: block means without their mean, each
 * list scaled to at most 1, so that the light does not matter much.
 * @param frames of the camera's stream, `[C, H, W]` each
 * @param cell index in the grid of cells
 */
export function lookAt(
  frames: Ring<Uint8Array>,
  cell: number,
  configuration: ModelConfiguration,
): number[] {
  const stride = Math.min(...configuration.temporal.strides);
  const now = blockMeans(frames.at(0), cell, configuration);
  const before = blockMeans(frames.at(stride), cell, configuration);
  const mean = now.reduce((a, b) => a + b, 0) / now.length;
  const picture = scaled(now.map((value) => value - mean));
  const change = scaled(now.map((value, i) => value - before[i]!));
  return [...picture, ...change.map((value) => CHANGE_WEIGHT * value)];
}

function scaled(values: readonly number[]): number[] {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => Number((value / Math.max(length, NOISE * SIDE)).toFixed(3)));
}

/** Of the first channel, `SIDE * SIDE` means around a cell; the edge is repeated outside. */
function blockMeans(frame: Uint8Array, cell: number, configuration: ModelConfiguration): number[] {
  const { width, height } = configuration.input;
  const columns = cellGrid(configuration).width;
  const size = (CELL * (2 * AROUND + 1)) / SIDE;
  const left = ((cell % columns) - AROUND) * CELL;
  const top = (Math.floor(cell / columns) - AROUND) * CELL;
  const clamp = (value: number, end: number) => Math.min(end - 1, Math.max(0, value));
  return Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = left + (i % SIDE) * size;
    const y = top + Math.floor(i / SIDE) * size;
    let sum = 0;
    for (let dy = 0; dy < size; dy++)
      for (let dx = 0; dx < size; dx++)
        sum += frame[clamp(y + dy, height) * width + clamp(x + dx, width)]!;
    return sum / (size * size);
  });
}
