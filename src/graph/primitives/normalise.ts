import { apply } from '../graph.ts';
import { expectRank, expectSame } from '../shape.ts';
import { type Primitive, sizeOf, type Value } from '../value.ts';
import { add, div, mul, sqrt, square, sub, unbroadcast } from './elementwise.ts';
import { reduceMean } from './reduce.ts';

const EPSILON = 1e-5;

const rootMeanSquare: Primitive<undefined> = {
  name: 'rmsNorm',
  infer: ([x, scale]) => {
    expectRank(scale!, 1, 'the scale');
    expectSame(scale!.shape[0], x!.shape.at(-1), 'size of the scale');
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit(e, node) {
    if (!e.has('SimplifiedLayerNormalization'))
      return e.inline(node, ([x, scale]) => [mul(mul(x!, inverseRoot(x!)), scale!)]);
    const { inputs, outputs } = node;
    e.operator('SimplifiedLayerNormalization', inputs.map(e.name), outputs.map(e.name), {
      axis: -1,
      epsilon: { float: EPSILON },
    });
  },
  derivative: ({ inputs, cotangents: [dy] }) => {
    // y = x r s with r = 1 / sqrt(mean(x^2) + eps):  dx = r (s dy) - x r^3 mean(x s dy)
    const [x, scale] = inputs as [Value, Value];
    const r = inverseRoot(x);
    const unit = mul(x, r);
    const scaled = mul(dy!, scale);
    const along = reduceMean(mul(unit, scaled), [-1]);
    return [mul(r, sub(scaled, mul(unit, along))), unbroadcast(mul(dy!, unit), scale)];
  },
  flops: ([x]) => 4 * sizeOf(x!.shape),
};

/** 1 / sqrt(mean(x²) + 1e-5) along the last axis, which becomes 1. */
const inverseRoot = (x: Value): Value => div(1, sqrt(add(reduceMean(square(x), [-1]), EPSILON)));

/** Root mean square normalisation over the last axis, times `scale` `[C]`: `x / sqrt(mean(x²) + 1e-5) * scale`. */
export const rmsNorm = (x: Value, scale: Value): Value =>
  apply(rootMeanSquare, [x, scale], undefined);
