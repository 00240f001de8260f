import type { Emitter, GraphNode, Value } from '../value.ts';

const BLOCKED = 'com.microsoft.nchwc';

/**
 * Writes a convolution in the layout that the runtime computes it in, blocks of channels: twice as
 * quick as the plain operator for 32 channels. The runtime lays out constant kernels by itself, but not
 * one that is computed, as in training.
 * @param groups 1, or the channels (depthwise)
 * @returns false where the kernel is constant, has one place only, or the channels fill no blocks:
 *   nothing is written then
 */
export function emitBlocked(e: Emitter, { inputs, outputs }: GraphNode, groups: number): boolean {
  const { block } = e;
  const [x, w, bias] = inputs as [Value, Value, Value | undefined];
  const [outs, inner, rows, columns] = w.shape as [number, number, number, number];
  if (!block || w.dtype !== 'float32' || w.graph.constants.has(w) || rows * columns === 1)
    return false;
  if (outs % block !== 0 || x.shape[1]! % block !== 0) return false;

  const [given, made] = [e.temporary(), e.temporary()];
  const kernel = blockedKernel(e, w, block, groups > 1 ? 1 : inner);
  e.operator('ReorderInput', [e.name(x)], [given], {}, BLOCKED);
  const operands = bias ? [given, kernel, e.name(bias)] : [given, kernel];
  const [m, n] = [rows >> 1, columns >> 1];
  e.operator('Conv', operands, [made], { pads: [m, n, m, n], group: groups }, BLOCKED);
  e.operator('ReorderOutput', [made], [e.name(outputs[0]!)], { channels: outs }, BLOCKED);
  return true;
}

/**
 * Blocks of output channels; in each, blocks of input channels; in each, the kernel's places; at each,
 * the input channels of the block, and for each of them the output channels. In two transposes, each of
 * which moves one axis: the runtime takes a tenth of the time of one that moves both.
 */
function blockedKernel(e: Emitter, w: Value, block: number, inner: number): string {
  const [outs, , rows, columns] = w.shape as [number, number, number, number];
  const places = rows * columns;
  const reshaped = (x: string, shape: readonly number[]): string => {
    const name = e.temporary();
    e.operator('Reshape', [x, e.integers(shape)], [name]);
    return name;
  };
  const transposed = (x: string, perm: readonly number[]): string => {
    const name = e.temporary();
    e.operator('Transpose', [x], [name], { perm });
    return name;
  };
  const apart = reshaped(e.name(w), [outs / block, block, inner * places]);
  const last = transposed(apart, [0, 2, 1]);
  if (inner === 1) return reshaped(last, w.shape);
  const byBlock = reshaped(last, [(outs / block) * (inner / block), block, places, block]);
  return reshaped(transposed(byBlock, [0, 2, 1, 3]), w.shape);
}
