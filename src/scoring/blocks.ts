import type { ErrorKind } from '../model/cell-errors.ts';
import type { Branch } from '../model/configuration.ts';
import type { Grid } from '../nn/grid.ts';

export type { ErrorKind } from '../model/cell-errors.ts';
export type { Grid } from '../nn/grid.ts';

/** The part of the score to which each kind of error counts. */
export const shareOf = {
  appearance: 'appearance',
  motion: 'motion',
  expectedMotion: 'motion',
  pace: 'motion',
} as const satisfies Record<ErrorKind, Branch>;
export const errorKinds = Object.keys(shareOf) as ErrorKind[];

/**
 * Error maps of one frame on the grid of cells, `[grid.height, grid.width]` each: the decoders' squared
 * errors, averaged over the pixels of each cell (pixel values are in [-1, 1]); the motion error with the
 * decoded difference scaled by the pace head; and the surprise of the pace head, in nats. A part of the
 * model that is switched off has no map.
 */
export type CellErrors = Readonly<Partial<Record<ErrorKind, Float32Array | undefined>>> & {
  readonly grid: Grid;
};

/** Mean squared errors below this (-60 dB) are rounding of bytes. */
const errorFloor = 1e-6;

/** A mean squared error in dB. */
export function decibels(error: number): number {
  return 10 * Math.log10(error + errorFloor);
}

/** The mean squared error of a level in dB: the inverse of {@link decibels}. */
export function errorOf(level: number): number {
  return 10 ** (level / 10) - errorFloor;
}

/** Peak signal to noise ratio in dB of pixels in [-1, 1], whose range is 2. */
export function psnr(error: number): number {
  return 10 * Math.log10(4) - decibels(error);
}

/** Mean of a whole map. */
export function mapMean(map: Float32Array): number {
  let sum = 0;
  for (const value of map) sum += value;
  return sum / map.length;
}

/** Largest value of a map. */
export function mapMaximum(map: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < map.length; i++) largest = Math.max(largest, map[i]!);
  return largest;
}

/**
 * Mean error of every block of `size` x `size` cells, at stride 1, by an integral image.
 * @param map `[grid.height, grid.width]`
 * @returns `[grid.height - size + 1, grid.width - size + 1]`
 * @throws RangeError where the map does not fit the grid, or the block is larger than it.
 */
export function blockMeans(map: Float32Array, grid: Grid, size: number): Float64Array {
  const { width, height } = grid;
  if (map.length !== width * height)
    throw new RangeError(`an error map of ${map.length} cells on a ${width}x${height} grid`);
  if (!Number.isInteger(size) || size < 1 || size > Math.min(width, height))
    throw new RangeError(`blocks of ${size} cells on a ${width}x${height} grid`);
  const stride = width + 1;
  const integral = new Float64Array(stride * (height + 1)); // row 0 and column 0 stay zero
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += map[y * width + x]!;
      integral[(y + 1) * stride + x + 1] = integral[y * stride + x + 1]! + row;
    }
  }
  const columns = width - size + 1;
  const rows = height - size + 1;
  const means = new Float64Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const top = y * stride + x;
      const bottom = top + size * stride;
      const sum =
        integral[bottom + size]! - integral[bottom]! - integral[top + size]! + integral[top]!;
      // Differences of sums may round a hair below zero.
      means[y * columns + x] = Math.max(0, sum / (size * size));
    }
  }
  return means;
}

/** Largest block error of a map in dB; unlike the mean of a frame it shows small anomalies. */
export function maximumBlockDecibels(map: Float32Array, grid: Grid, size: number): number {
  return decibels(mapMaximum(blockMeans(map, grid, size)));
}
