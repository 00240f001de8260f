import { add, concat, matmul, mean, mul, reduceSum, square, type Value } from '../graph/index.ts';
import { linear, unscaledNorm } from '../nn/layers.ts';
import { unit } from '../nn/memory-bank.ts';
import type { Net } from '../nn/parameters.ts';
import type { ModelConfiguration } from './configuration.ts';

/** The parts of the fused feature, each `[B, cells, partWidth]`; without decomposition only `common`. */
export interface Parts {
  readonly common: Value;
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** How much the parts say the same: 0 when their features are orthogonal. */
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
    const [shared, still, moving] = [common, appearance, motion].map(unit) as [Value, Value, Value];
    const overlap = [
      crossProduct(shared, still),
      crossProduct(shared, moving),
      crossProduct(still, moving),
    ].reduce((sum, pair) => add(sum, pair));
    return { common, appearance, motion, overlap };
  });
}

/**
 * Squared Frobenius norm of the cross-product of two parts of unit features, `|A'B / cells|²`, summed
 * over the channels and averaged over the batch.
 */
function crossProduct(a: Value, b: Value): Value {
  const cells = a.shape[1]!;
  const product = matmul(a, b, { transposeA: true }); // [B, C, C]
  return mean(reduceSum(square(mul(product, 1 / cells)), [1, 2]));
}
