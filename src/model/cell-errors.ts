import { mul, neg, reduceMean, reshape, sigmoid, square, sub, type Value } from '../graph/index.ts';
import { type Branch, CELL, cellGrid, type ModelConfiguration } from './configuration.ts';
import type { Outputs } from './m2s2l.ts';
import { type Pace, paceSurprise } from './pace.ts';

/** The error maps of a model. */
export type ErrorKind = Branch | 'expectedMotion' | 'pace';

/**
 * Error maps on the grid of cells, `[B, cells]`: the error of each decoder, the surprise of the pace
 * head, and `expectedMotion`, the motion decoder's error with the decoded difference scaled by the
 * probability that its motion is normal.
 */
export function errorMaps(
  c: ModelConfiguration,
  outputs: Pick<Outputs, Branch | 'frame' | 'difference' | 'pace'>,
): Partial<Record<ErrorKind, Value>> {
  const { appearance, motion, frame, difference, pace } = outputs;
  const cut = (picture: Value): Value => inCells(c, picture);
  const expected = motion && pace && mul(cut(motion), normalMotion(c, pace));
  return {
    ...(appearance && { appearance: cellErrors(cut(sub(appearance, frame))) }),
    ...(motion && { motion: cellErrors(sub(cut(motion), cut(difference))) }),
    ...(expected && { expectedMotion: cellErrors(sub(expected, cut(difference))) }),
    ...(pace && { pace: paceSurprise(pace) }),
  };
}

/** Probability that the motion of each cell is normal, `[B, 1, H/8, 1, W/8, 1]`. */
function normalMotion(c: ModelConfiguration, { logit }: Pace): Value {
  const { height, width } = cellGrid(c);
  return reshape(sigmoid(neg(logit)), [logit.shape[0]!, 1, height, 1, width, 1]);
}

/** Mean square of each cell of 8x8 pixels: `[B, C, H/8, 8, W/8, 8] -> [B, cells]`. */
function cellErrors(error: Value): Value {
  const [batch, , height, , width] = error.shape as [number, number, number, number, number];
  return reshape(reduceMean(square(error), [1, 3, 5]), [batch, height * width]);
}

/** A picture cut into cells: `[B, C, H, W] -> [B, C, H/8, 8, W/8, 8]`. */
function inCells(c: ModelConfiguration, picture: Value): Value {
  const [batch, channels] = picture.shape as [number, number, number, number];
  const { height, width } = cellGrid(c);
  return reshape(picture, [batch, channels, height, CELL, width, CELL]);
}
