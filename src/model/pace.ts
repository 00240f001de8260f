import {
  add,
  concat,
  div,
  mul,
  reduceMean,
  relu,
  reshape,
  softplus,
  square,
  type Value,
} from '../graph/index.ts';
import { convolution, linear, tokensToGrid, unscaledNorm } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import { cellGrid, type ModelConfiguration } from './configuration.ts';

/** Mean squared change at which half of a cell counts as moving: 2 % of the range. */
const MOVES = 0.04 ** 2;

/** Output of the pace head. */
export interface Pace {
  /** Log odds that a cell moves abnormally, `[B, cells]`. */
  readonly logit: Value;
  /** How much a cell moves, 0 … 1, `[B, cells]`: still cells have no pace. */
  readonly movement: Value;
}

/**
 * Classifies the motion of every cell, its speed and gait, as normal or abnormal, from the features of
 * the encoders. Training uses normal footage alone: at twice its speed, and with synthetic anomalies
 * (`training/pace-examples.ts`). Not in the paper; recognising skipped frames is an idea of Georgescu et
 * al., CVPR 2021.
 * @param spatial `[B, cells, fusedWidth]`
 * @param temporal one a time scale, `[B, cells, temporal.width]`: speed shows in how they differ, so not their sum
 * @param difference the newest one that the encoders see, `[B, cells, pixels]`
 */
export function paceHead(
  net: Net,
  c: ModelConfiguration,
  spatial: Value,
  temporal: readonly Value[],
  difference: Value,
): Pace {
  return net.graph.within('pace', () => {
    const { height, width } = cellGrid(c);
    const channels = Math.min(c.paceWidth, c.fusedWidth);
    const seen = unscaledNorm(net, 'norm', concat([spatial, ...temporal], 2));
    const grid = tokensToGrid(linear(net, 'features', seen, channels), height, width);
    const around = convolution(net, 'first', grid, channels);
    const further = convolution(net, 'second', relu(around), channels);
    const logit = convolution(net, 'logit', relu(further), 1, { gain: 1e-2 });
    const [batch, cells] = difference.shape as [number, number, number];
    const energy = reshape(reduceMean(square(difference), [2]), [batch, cells]);
    return {
      logit: reshape(logit, [batch, cells]),
      movement: div(energy, add(energy, MOVES)),
    };
  });
}

/**
 * Surprise of the pace head at each cell, `[B, cells]`: `-ln P(normal motion)`, weighted by movement. It
 * is pooled like the decoders' errors.
 */
export const paceSurprise = ({ logit, movement }: Pace): Value => mul(movement, softplus(logit));
