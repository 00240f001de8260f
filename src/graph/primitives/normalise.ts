import { apply } from '../graph.ts';
import { expectRank, expectSame } from '../shape.ts';
import { type Primitive, sizeOf, type Value } from '../value.ts';
import { add, div, mul, neg, sqrt, square, sub } from './elementwise.ts';
import { reshape } from './layout.ts';
import { matmul } from './linear.ts';
import { reduceMean } from './reduce.ts';

const EPSILON = 1e-5;

/** The result, and what each vector was multiplied by. */
const rootMeanSquare: Primitive<undefined> = {
  name: 'rmsNorm',
  infer: ([x, scale]) => {
    expectRank(scale!, 1, 'the scale');
    expectSame(scale!.shape[0], x!.shape.at(-1), 'size of the scale');
    const { dtype, shape } = x!;
    return [
      { dtype, shape },
      { dtype, shape: shape.with(-1, 1) },
    ];
  },
  emit(e, node) {
    const { inputs, outputs } = node;
    const asked = e.used(outputs[1]!);
    // The runtime gives the second output in float32 only.
    const second =
      outputs[0]!.dtype === 'float32' && e.has('deviations of SimplifiedLayerNormalization');
    if (!e.has('SimplifiedLayerNormalization') || (asked && !second))
      return e.inline(node, ([x, scale]) => {
        const r = inverseRoot(x!);
        return [mul(mul(x!, r), scale!), r];
      });
    const names = (asked ? outputs : outputs.slice(0, 1)).map(e.name);
    e.operator('SimplifiedLayerNormalization', inputs.map(e.name), names, {
      axis: -1,
      epsilon: { float: EPSILON },
    });
  },
  derivative: ({ inputs, outputs, cotangents: [dy, dr] }) => {
    // y = x r s with r = 1 / sqrt(mean(x²) + eps), so dr/dx = -x r³ / C:
    // dx = r s dy - x (r³ / C) (sum(x s dy) + dr),  ds = sum over the vectors of r x dy
    const [x, scale] = inputs as [Value, Value];
    const r = outputs[1]!;
    const size = x.shape.at(-1)!;
    const cubed = mul(mul(square(r), r), 1 / size);
    if (!dy) return [neg(mul(x, mul(cubed, dr!))), undefined];
    const vectors = sizeOf(r.shape);
    const product = reshape(mul(x, dy), [vectors, size]);
    const along = reshape(matmul(product, reshape(scale, [size, 1])), r.shape);
    const toR = dr ? add(along, dr) : along;
    const toX = sub(mul(mul(dy, scale), r), mul(x, mul(cubed, toR)));
    return [toX, reshape(matmul(reshape(r, [1, vectors]), product), [size])];
  },
  flops: ([x]) => 4 * sizeOf(x!.shape),
};

/** 1 / sqrt(mean(x²) + 1e-5) along the last axis, which becomes 1. */
const inverseRoot = (x: Value): Value => div(1, sqrt(add(reduceMean(square(x), [-1]), EPSILON)));

/** Root mean square normalisation over the last axis, times `scale` `[C]`: `x / sqrt(mean(x²) + 1e-5) * scale`. */
export const rmsNorm = (x: Value, scale: Value): Value =>
  apply(rootMeanSquare, [x, scale], undefined);
