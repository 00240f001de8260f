import { apply } from '../graph.ts';
import { ELEMENT_TYPE } from '../onnx/schema.ts';
import { broadcast, sameType, stretchedAxes } from '../shape.ts';
import { type Cotangents, type Primitive, sizeOf, type Value } from '../value.ts';
import { reshape } from './layout.ts';
import { reduceSum } from './reduce.ts';

type Operand = Value | number;
const NONE = undefined;

/** Sums a cotangent over the axes that broadcasting stretched. */
export function unbroadcast(cotangent: Value, to: Value): Value {
  const axes = stretchedAxes(to.shape, cotangent.shape);
  const summed = axes.length > 0 ? reduceSum(cotangent, axes) : cotangent;
  return reshape(summed, to.shape);
}

function binary(
  name: string,
  operator: string,
  derivative: (a: Value, b: Value, dy: Value, y: Value) => readonly [() => Value, () => Value],
): Primitive<undefined> {
  return {
    name,
    infer(inputs) {
      const [a, b] = inputs as [Value, Value];
      return [{ dtype: sameType(inputs), shape: broadcast(a.shape, b.shape) }];
    },
    emit(e, { inputs, outputs }) {
      e.operator(operator, inputs.map(e.name), outputs.map(e.name));
    },
    derivative({ inputs, outputs, cotangents }: Cotangents<undefined>) {
      const [a, b] = inputs as [Value, Value];
      const [toA, toB] = derivative(a, b, cotangents[0]!, outputs[0]!);
      return [unbroadcast(toA(), a), unbroadcast(toB(), b)];
    },
    flops: (_, [y]) => sizeOf(y!.shape),
  };
}

function unary(
  name: string,
  operator: string | Primitive<undefined>['emit'],
  derivative: (x: Value, y: Value, dy: Value) => Value | undefined,
  cost = 1,
): Primitive<undefined> {
  return {
    name,
    infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
    emit:
      typeof operator === 'string'
        ? (e, { inputs, outputs }) => e.operator(operator, inputs.map(e.name), outputs.map(e.name))
        : operator,
    derivative: ({ inputs: [x], outputs: [y], cotangents: [dy] }) => [derivative(x!, y!, dy!)],
    flops: (_, [y]) => cost * sizeOf(y!.shape),
  };
}

const addition = binary('add', 'Add', (_a, _b, dy) => [() => dy, () => dy]);
const subtraction = binary('sub', 'Sub', (_a, _b, dy) => [() => dy, () => neg(dy)]);
const multiplication = binary('mul', 'Mul', (a, b, dy) => [() => mul(dy, b), () => mul(dy, a)]);
const division = binary('div', 'Div', (_a, b, dy, y) => [
  () => div(dy, b),
  // Summed first where b is stretched: what follows is smaller then.
  () => neg(div(unbroadcast(mul(dy, y), b), b)),
]);
const negation = unary('neg', 'Neg', (_x, _y, dy) => neg(dy));
const exponential = unary('exp', 'Exp', (_x, y, dy) => mul(dy, y));
const logarithm = unary('log', 'Log', (x, _y, dy) => div(dy, x));
const squareRoot = unary('sqrt', 'Sqrt', (_x, y, dy) => div(mul(dy, 0.5), y));
const logistic = unary('sigmoid', 'Sigmoid', (_x, y, dy) => mul(mul(dy, y), sub(1, y)), 4);
const softPlus = unary('softplus', 'Softplus', (x, _y, dy) => mul(dy, sigmoid(x)), 4);
const rectifier = unary(
  'relu',
  (e, { inputs: [x], outputs: [y] }) => {
    const bytes = e.bytes(x!);
    // Bytes that begin at 0 have no numbers below.
    if (bytes?.zero === 0) e.keepBytes(y!, bytes);
    else e.operator('Relu', [e.name(x!)], [e.name(y!)]);
  },
  (_x, y, dy) => mul(dy, step(y)),
);
const magnitude = unary('abs', 'Abs', (x, _y, dy) => mul(dy, sign(x)));
const signum = unary('sign', 'Sign', () => NONE);
const heaviside = unary(
  'step',
  (e, { inputs: [x], outputs: [y] }) => {
    const positive = e.temporary();
    e.operator('Greater', [e.name(x!), e.scalar(0, x!.dtype)], [positive]);
    e.operator('Cast', [positive], [e.name(y!)], { to: ELEMENT_TYPE[y!.dtype] });
  },
  () => NONE,
);
const swish = unary(
  'silu',
  (e, { inputs: [x], outputs: [y] }) => {
    if (x!.dtype === 'float32' && e.has('QuickGelu')) {
      const gain = { alpha: { float: 1 } };
      e.operator('QuickGelu', [e.name(x!)], [e.name(y!)], gain, 'com.microsoft');
      return;
    }
    // x / (1 + exp(-x)): x sigmoid(x) would be fused to QuickGelu, which is float32 only.
    const [negative, power, over] = [e.temporary(), e.temporary(), e.temporary()];
    e.operator('Neg', [e.name(x!)], [negative]);
    e.operator('Exp', [negative], [power]);
    e.operator('Add', [power, e.scalar(1, x!.dtype)], [over]);
    e.operator('Div', [e.name(x!), over], [e.name(y!)]);
  },
  (x, y, dy) => {
    // d(x s)/dx = s + y (1 - s) with s = sigmoid(x)
    const s = sigmoid(x);
    return mul(dy, add(s, mul(y, sub(1, s))));
  },
  5,
);
const equality: Primitive<undefined> = {
  name: 'equal',
  infer(inputs) {
    const [a, b] = inputs as [Value, Value];
    return [{ dtype: sameType(inputs), shape: broadcast(a.shape, b.shape) }];
  },
  emit(e, { inputs, outputs: [y] }) {
    const same = e.temporary();
    e.operator('Equal', inputs.map(e.name), [same]);
    e.operator('Cast', [same], [e.name(y!)], { to: ELEMENT_TYPE[y!.dtype] });
  },
  derivative: () => [NONE, NONE],
  flops: (_, [y]) => sizeOf(y!.shape),
};
const conversion: Primitive<undefined> = {
  name: 'toReal',
  infer: ([x]) => [{ dtype: x!.graph.float, shape: x!.shape }],
  emit: (e, { inputs: [x], outputs: [y] }) =>
    e.operator('Cast', [e.name(x!)], [e.name(y!)], { to: ELEMENT_TYPE[y!.dtype] }),
  derivative: ({ inputs: [x], cotangents: [dy] }) => [x!.dtype === dy!.dtype ? dy : NONE],
  flops: () => 0,
};

function pair(a: Operand, b: Operand): [Value, Value] {
  if (typeof a === 'number') {
    if (typeof b === 'number') throw new Error('one of two operands must be a value of a graph');
    return [numberBeside(b, a), b];
  }
  if (typeof b === 'number') return [a, numberBeside(a, b)];
  const first = unstretched(a, b);
  return [first, first === a ? unstretched(b, a) : b];
}

/** What was stretched before it meets an operand that stretches it as far. */
function unstretched(x: Value, other: Value): Value {
  if (x.node?.primitive.name !== 'broadcastTo') return x;
  const before = x.node.inputs[0]!;
  const same =
    broadcast(before.shape, other.shape).join() === broadcast(x.shape, other.shape).join();
  return same ? before : x;
}

/**
 * A number as an operand. Beside a value whose last axis is 1 it has as many axes: the runtime goes
 * through such a value element by element when the other operand has none, 25 times as slowly.
 */
const numberBeside = (x: Value, number: number): Value =>
  x.graph.scalar(number, x.shape.at(-1) === 1 ? x.shape.length : 0);

/** `a + b`, broadcasting as in NumPy; a number stands for a scalar. */
export const add = (a: Operand, b: Operand): Value => apply(addition, pair(a, b), undefined);
/** `a - b`, broadcasting. */
export const sub = (a: Operand, b: Operand): Value => apply(subtraction, pair(a, b), undefined);
/** `a * b`, element by element, broadcasting. */
export const mul = (a: Operand, b: Operand): Value => apply(multiplication, pair(a, b), undefined);
/** `a / b`, broadcasting. */
export const div = (a: Operand, b: Operand): Value => apply(division, pair(a, b), undefined);
export const neg = (x: Value): Value => apply(negation, [x], undefined);
export const exp = (x: Value): Value => apply(exponential, [x], undefined);
export const log = (x: Value): Value => apply(logarithm, [x], undefined);
export const sqrt = (x: Value): Value => apply(squareRoot, [x], undefined);
export const square = (x: Value): Value => mul(x, x);
/** `1 / (1 + exp(-x))` */
export const sigmoid = (x: Value): Value => apply(logistic, [x], undefined);
/** `log(1 + exp(x))` */
export const softplus = (x: Value): Value => apply(softPlus, [x], undefined);
/** `max(x, 0)` */
export const relu = (x: Value): Value => apply(rectifier, [x], undefined);
/** `x sigmoid(x)` */
export const silu = (x: Value): Value => apply(swish, [x], undefined);
export const abs = (x: Value): Value => apply(magnitude, [x], undefined);
/** -1, 0 or 1; its derivative is 0 everywhere. */
export const sign = (x: Value): Value => apply(signum, [x], undefined);
/** 1 where `x > 0`, else 0; its derivative is 0 everywhere. */
export const step = (x: Value): Value => apply(heaviside, [x], undefined);
/** Bytes, or what is real already, as real numbers of the graph's type; no gradient flows to bytes. */
export const toReal = (x: Value): Value => apply(conversion, [x], undefined);
/** 1 where `a = b`, else 0, broadcasting; its derivative is 0 everywhere. */
export const equal = (a: Operand, b: Operand): Value => apply(equality, pair(a, b), undefined);
