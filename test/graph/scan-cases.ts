import type { Tensor } from '../../src/runtime/session.ts';
import { normal } from './evaluate.ts';
import type { ScanCase } from './reference-scan.ts';

export type ScanSizes = Pick<ScanCase, 'batch' | 'length' | 'heads' | 'state' | 'headDim'> &
  Partial<Pick<ScanCase, 'perState'>>;

export interface CaseOptions {
  /** Mean log decay of a step; -1 when not given. */
  readonly decay?: number;
  /** Whether the first state is other than 0. */
  readonly past?: boolean;
}

/** Shapes of a scan's inputs, cotangents and gradients. */
export function scanShapes({ batch, length, heads, state, headDim, perState }: ScanSizes) {
  return {
    q: [batch, length, heads * state],
    k: [batch, length, heads * state],
    v: [batch, length, heads * headDim],
    g: [batch, length, perState ? heads * state : heads],
    past: [batch, heads, state, headDim],
  };
}

/** A random scan; its numbers are those that float32 has. */
export function scanCase(
  sizes: ScanSizes,
  { decay = -1, past = false }: CaseOptions = {},
): ScanCase {
  const shapes = scanShapes(sizes);
  const random = (name: keyof typeof shapes) => Float64Array.from(normal(shapes[name], name).data);
  return {
    perState: false,
    ...sizes,
    q: random('q'),
    k: random('k'),
    v: random('v'),
    // Spread over orders of magnitude, as step sizes are.
    g: random('g').map((x) => Math.fround(decay * Math.exp(x - 0.5))),
    past: past ? random('past') : random('past').fill(0),
  };
}

export const float32 = (shape: readonly number[], data: Float64Array): Tensor => ({
  shape,
  data: Float32Array.from(data),
});

export const float64 = (shape: readonly number[], data: Float64Array): Tensor => ({ shape, data });
