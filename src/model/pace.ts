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

/** A cell whose pixels change by so much (squared, in [-1, 1]) moves: 2 % of the range. */
const MOVES = 0.04 ** 2;

/** How the model takes what moves: as usual, or as odd. */
export interface Pace {
  /** Log odds that what a cell shows moves in an odd way, `[B, cells]`. */
  readonly logit: Value;
  /** How much a cell moves, 0 … 1, `[B, cells]`: of what stands still no pace can be told. */
  readonly movement: Value;
}

/**
 * Judges the pace of every cell, how fast and with what gait it moves, from all that the encoders see. It
 * learns from normal footage alone, played at twice its pace or with passers-by put in who are odd
 * (`training/lessons.ts`). Not of the paper; to tell frames that were left out is an idea of Georgescu et
 * al., CVPR 2021.
 * @param spatial `[B, cells, fusedWidth]`
 * @param temporal of each time scale, `[B, cells, temporal.width]`: pace is how they differ, which their sum blurs
 * @param difference the newest one that the encoders see, in cells, `[B, cells, pixels]`
 */
export function judgePace(
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
 * How surprising the pace of each cell is, `[B, cells]`: `-ln P(usual pace)`, as far as it moves. It
 * stands beside the decoders' errors and is pooled as they are.
 */
export const paceSurprise = ({ logit, movement }: Pace): Value => mul(movement, softplus(logit));
