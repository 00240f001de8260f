import {
  add,
  concat,
  div,
  matmul,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sqrt,
  square,
  sub,
  type Value,
} from '../graph/index.ts';
import { linear, unscaledNorm } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import type { ModelConfiguration } from './configuration.ts';

/** The parts, in the order of the paper. */
export const partNames = ['common', 'appearance', 'motion'] as const;
export type PartName = (typeof partNames)[number];

/** The parts of the fused feature, each `[B, cells, partWidth]`; without decomposition only `common`. */
export interface Parts {
  readonly common: Value;
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** Redundancy of the parts: the {@link alignment} of the three pairs, summed. */
  readonly overlap: Value | undefined;
}

/** 3. Decomposition of the spatial and temporal features into common, appearance and motion. */
export function decompose(net: Net, c: ModelConfiguration, spatial: Value, temporal: Value): Parts {
  return net.graph.within('decomposition', () => {
    const fused = unscaledNorm(net, 'norm', concat([spatial, temporal], 2));
    const part = (name: string): Value => linear(net, name, fused, c.partWidth);
    const common = part('common');
    if (!c.decomposition)
      return { common, appearance: undefined, motion: undefined, overlap: undefined };
    const appearance = part('appearance');
    const motion = part('motion');
    const overlap = [
      alignment(common, appearance),
      alignment(common, motion),
      alignment(appearance, motion),
    ].reduce((sum, pair) => add(sum, pair));
    return { common, appearance, motion, overlap };
  });
}

/**
 * Similarity of two parts over all cells of a batch, 0 … 1: the linear centred kernel alignment of
 * Kornblith et al. (ICML 2019), `|A'B|² / (|A'A| |B'B|)` of the centred features. Without centring the
 * mean over cells would dominate. It does not depend on scale, so shrinking a part is no way out.
 */
export function alignment(a: Value, b: Value): Value {
  const [x, y] = [centred(a), centred(b)];
  const product = (left: Value, right: Value): Value => {
    const cross = matmul(left, right, { transposeA: true }); // [P, P]
    return add(reshape(reduceSum(square(cross)), []), TINY);
  };
  return div(product(x, y), sqrt(mul(product(x, x), product(y, y))));
}
const TINY = 1e-12;

/** Features of all cells of a batch as centred rows, `[B, cells, P] -> [B * cells, P]`. */
function centred(x: Value): Value {
  const [batch, cells, width] = x.shape as [number, number, number];
  const rows = reshape(mul(x, 1 / Math.sqrt(batch * cells)), [batch * cells, width]);
  return sub(rows, reduceMean(rows, [0]));
}
