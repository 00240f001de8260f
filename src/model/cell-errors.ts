import { mul, neg, reduceMean, reshape, sigmoid, square, sub, type Value } from '../graph/index.ts';
import { type Branch, CELL, cellGrid, type ModelConfiguration } from './configuration.ts';
import type { Outputs } from './m2s2l.ts';
import { type Pace, paceSurprise } from './pace.ts';

/**
 * What is not normal, on the grid of cells, `[B, cells]`: the error of each decoder, and the pace. The
 * difference that is to be expected is the decoded one as far as the judge of the pace takes it as usual.
 */
export function errorMaps(
  c: ModelConfiguration,
  outputs: Pick<Outputs, Branch | 'frame' | 'difference' | 'pace'>,
): Partial<Record<Branch | 'pace', Value>> {
  const { appearance, motion, frame, difference, pace } = outputs;
  const expected = motion && pace ? usualPart(c, motion, pace) : motion;
  return {
    ...(appearance && { appearance: cellErrors(c, sub(appearance, frame)) }),
    ...(expected && { motion: cellErrors(c, sub(expected, difference)) }),
    ...(pace && { pace: paceSurprise(pace) }),
  };
}

/** A decoded difference, each cell of it multiplied by the probability that its pace is usual. */
function usualPart(c: ModelConfiguration, motion: Value, pace: Pace): Value {
  const { height, width } = cellGrid(c);
  const usual = reshape(sigmoid(neg(pace.logit)), [motion.shape[0]!, 1, height, 1, width, 1]);
  return reshape(mul(inCells(c, motion), usual), motion.shape);
}

/** Mean squared error of each cell of 8x8 pixels: `[B, C, H, W] -> [B, cells]`. */
function cellErrors(c: ModelConfiguration, error: Value): Value {
  const { height, width } = cellGrid(c);
  const means = reduceMean(square(inCells(c, error)), [1, 3, 5]);
  return reshape(means, [error.shape[0]!, height * width]);
}

/** A picture cut into cells: `[B, C, H, W] -> [B, C, H/8, 8, W/8, 8]`. */
function inCells(c: ModelConfiguration, picture: Value): Value {
  const [batch, channels] = picture.shape as [number, number, number, number];
  const { height, width } = cellGrid(c);
  return reshape(picture, [batch, channels, height, CELL, width, CELL]);
}
