import type { ActivationRanges, Emitter, GraphNode, Quantised, Range, Value } from '../value.ts';

/** Levels of a byte above 0, and of a weight to either side of 0. */
const BYTE = 255;
const WEIGHT = 127;
/** Largest bias in its own steps: with every product of a sum beside it, it stays in 32 bits. */
const LARGEST_BIAS = 2 ** 30;

/**
 * The bytes that stand for a range: 0 is always one of them, for it is what pads a picture.
 * Numbers outside are as the nearer end.
 */
export function bytesOf([least, greatest]: Range): Omit<Quantised, 'name'> {
  const low = Math.min(0, least);
  const scale = Math.fround((Math.max(0, greatest) - low) / BYTE) || 1;
  return { scale, zero: Math.round((0 - low) / scale) };
}

/** Kernels `[O, ...]` as signed bytes, symmetric about 0 with a scale for each output channel. */
export interface QuantisedKernel {
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  /** In steps of the input's scale times the channel's. */
  readonly bias: Int32Array;
}

/** @param inputScale of the picture that the kernel meets */
export function quantiseKernel(
  weights: Float32Array,
  bias: Float32Array,
  inputScale: number,
): QuantisedKernel {
  const size = weights.length / bias.length;
  const made = {
    weights: new Int8Array(weights.length),
    scales: new Float32Array(bias.length),
    bias: new Int32Array(bias.length),
  };
  bias.forEach((offset, channel) => {
    const start = channel * size;
    let peak = 0;
    for (let i = start; i < start + size; i++) peak = Math.max(peak, Math.abs(weights[i]!));
    const least = Math.abs(offset) / (inputScale * LARGEST_BIAS);
    const scale = Math.fround(Math.max(peak / WEIGHT, least)) || 1;
    for (let i = start; i < start + size; i++) made.weights[i] = Math.round(weights[i]! / scale);
    made.scales[channel] = scale;
    made.bias[channel] = Math.round(offset / (inputScale * scale));
  });
  return made;
}

/**
 * Writes a convolution in int8: bytes in, bytes out. Its result stays bytes until something asks for
 * its numbers. Where only rectifiers read it, its bytes begin at 0, and have been rectified.
 * @param attributes of the operator
 * @returns false where its kernel is not known: nothing is written then
 */
export function emitInt8(
  e: Emitter,
  { inputs, outputs }: GraphNode,
  ranges: ActivationRanges,
  attributes: Readonly<Record<string, number | readonly number[]>>,
): boolean {
  const [x, w, b] = inputs as [Value, Value, Value | undefined];
  const y = outputs[0]!;
  const { constants } = y.graph;
  const kernel = constants.get(w);
  const bias = b ? constants.get(b) : new Float32Array(w.shape[0]!);
  if (!(kernel instanceof Float32Array) || !(bias instanceof Float32Array)) return false;
  const given = e.bytes(x) ?? quantise(e, x, ranges.input);
  const { weights, scales, bias: steps } = quantiseKernel(kernel, bias, given.scale);
  const [least, greatest] = ranges.output;
  const made = bytesOf([e.rectified(y) ? 0 : least, greatest]);
  const name = e.temporary();
  e.operator(
    'QLinearConv',
    [
      given.name,
      ...levelsOf(e, given),
      e.numbers(weights, w.shape),
      e.numbers(scales, [scales.length]),
      e.numbers(new Int8Array(scales.length), [scales.length]),
      ...levelsOf(e, made),
      e.numbers(steps, [steps.length]),
    ],
    [name],
    attributes,
  );
  e.keepBytes(y, { name, ...made });
  return true;
}

function quantise(e: Emitter, x: Value, range: Range): Quantised {
  const bytes = bytesOf(range);
  const name = e.temporary();
  e.operator('QuantizeLinear', [e.name(x), ...levelsOf(e, bytes)], [name]);
  return { name, ...bytes };
}

/** Quantisation parameters of bytes: their scale and their zero. */
export const levelsOf = (
  e: Pick<Emitter, 'scalar'>,
  { scale, zero }: Omit<Quantised, 'name'>,
): string[] => [e.scalar(scale, 'float32'), e.scalar(zero, 'uint8')];
