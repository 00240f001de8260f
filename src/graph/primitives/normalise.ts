import { apply } from '../graph.ts';
import { expectRank, expectSame } from '../shape.ts';
import { type Primitive, sizeOf, type Value } from '../value.ts';
import { add, div, mul, neg, sqrt, square, sub } from './elementwise.ts';
import { reshape } from './layout.ts';
import { matmul } from './linear.ts';

const EPSILON = 1e-5;

/** The result, and what each vector was multiplied by before the scale, where there is one. */
const rootMeanSquare: Primitive<undefined> = {
  name: 'rmsNorm',
  infer: ([x, scale]) => {
    if (scale) {
      expectRank(scale, 1, 'the scale');
      expectSame(scale.shape[0], x!.shape.at(-1), 'size of the scale');
    }
    const { dtype, shape } = x!;
    return [
      { dtype, shape },
      { dtype, shape: shape.with(-1, 1) },
    ];
  },
  emit(e, node) {
    const [x, scale] = node.inputs as [Value, Value | undefined];
    // The operator takes longer than what stands in for it, wherever that is asked of it.
    if (!e.has('SimplifiedLayerNormalization') || e.used(node.outputs[1]!))
      return e.inline(node, ([x, scale]) => {
        const r = inverseRoot(x!);
        const unit = mul(x!, r);
        return [scale ? mul(unit, scale) : unit, r];
      });
    const scales = scale ? e.name(scale) : e.ones([x.shape.at(-1)!], x.dtype);
    e.operator('SimplifiedLayerNormalization', [e.name(x), scales], [e.name(node.outputs[0]!)], {
      axis: -1,
      epsilon: { float: EPSILON },
    });
  },
  derivative: ({ inputs, outputs, cotangents: [dy, dr] }) => {
    // y = x r s with r = 1 / sqrt(mean(x²) + eps), so dr/dx = -x r³ / C:
    // dx = r s dy - x (r³ / C) (sum(x s dy) + dr),  ds = sum over the vectors of r x dy
    const [x, scale] = inputs as [Value, Value | undefined];
    const [y, r] = outputs as [Value, Value];
    const size = x.shape.at(-1)!;
    const vectors = sizeOf(r.shape);
    const squared = mul(square(r), 1 / size);
    if (!dy) return [neg(mul(x, mul(mul(squared, r), dr!))), undefined];
    if (!scale) {
      const along = meanOfLast(mul(y, dy));
      return [mul(sub(dy, mul(y, dr ? add(along, mul(mul(r, dr), 1 / size)) : along)), r)];
    }
    const product = reshape(mul(x, dy), [vectors, size]);
    const along = reshape(matmul(product, reshape(scale, [size, 1])), r.shape);
    const toR = dr ? add(along, dr) : along;
    const toX = sub(mul(mul(dy, scale), r), mul(x, mul(mul(squared, r), toR)));
    return [toX, reshape(matmul(reshape(r, [1, vectors]), product), [size])];
  },
  flops: ([x]) => 4 * sizeOf(x!.shape),
};

/** 1 / sqrt(mean(x²) + 1e-5) along the last axis, which becomes 1. */
const inverseRoot = (x: Value): Value => div(1, sqrt(add(meanOfLast(square(x)), EPSILON)));

/** The mean along the last axis, which becomes 1, as a product: quicker than the runtime's reduction. */
function meanOfLast(x: Value): Value {
  const size = x.shape.at(-1)!;
  const shares = x.graph.constant(new Float64Array(size).fill(1 / size), [size, 1]);
  const vectors = reshape(x, [sizeOf(x.shape) / size, size]);
  return reshape(matmul(vectors, shares), x.shape.with(-1, 1));
}

/**
 * Root mean square normalisation over the last axis, `x / sqrt(mean(x²) + 1e-5)`, times `scale` `[C]` where it
 * is given.
 */
export const rmsNorm = (x: Value, scale?: Value): Value =>
  apply(rootMeanSquare, scale ? [x, scale] : [x], undefined);
