import { add, mul, reshape, silu, transpose, type Value } from '../graph/index.ts';
import type { Grid } from './grid.ts';
import {
  depthwiseConvolution,
  type Given,
  gridToTokens,
  linear,
  linearToGrid,
  type Unscaled,
  unscaledNorm,
} from './layers.ts';
import { type MambaSizes, scanGrid, scanTime } from './mamba.ts';
import type { Net } from './parameters.ts';
import type { Routes } from './scan.ts';

export interface BlockSizes extends MambaSizes {
  /** Inner channels relative to the block's. */
  readonly expand: number;
}

/**
 * Visual state space block (VMamba): norm, depthwise 3x3 convolution, SiLU, the scan along the routes,
 * norm, gate, and a residual connection around it all. `x` `[B, H * W, C]` to the same.
 */
export function vssBlock(
  net: Net,
  name: string,
  x: Value,
  grid: Grid,
  routes: Routes,
  sizes: BlockSizes,
): Value {
  return net.graph.within(name, () => {
    const channels = x.shape[2]!;
    const inner = channels * sizes.expand;
    const normal = unscaledNorm(net, 'norm', x);
    const mixed = gridToTokens(mixNeighbours(net, normal, inner, grid));
    const scanned = net.graph.within('scan', () => scanGrid(net, mixed, grid, routes, sizes));
    const gate = silu(linear(net, 'gate', normal, inner, { bias: false }));
    const gated = gatedNorm(net, scanned, gate);
    return add(x, linear(net, 'output', gated, channels, { bias: false }));
  });
}

/** Mixes each token with its neighbours: `[B, H * W, C] -> [B, inner, H, W]`. */
function mixNeighbours(net: Net, x: Given, inner: number, { height, width }: Grid): Value {
  const grid = linearToGrid(net, 'input', x, inner, height, width);
  return silu(depthwiseConvolution(net, 'neighbours', grid));
}

/** Normalises and gates the scan's output; the scale is folded into the linear map that follows. */
function gatedNorm(net: Net, scanned: Value, gate: Value): Unscaled {
  const { unit, scale } = unscaledNorm(net, 'innerNorm', scanned);
  return { unit: mul(unit, gate), scale };
}

/**
 * The part of a Temporal Mamba Block that depends on one step alone, so that a stream can cache it:
 * `[B, cells, C]` to the inner features `[B, inner, cells]`.
 */
export function temporalStep(net: Net, x: Value, grid: Grid, sizes: BlockSizes): Value {
  const [batch, cells, channels] = x.shape as [number, number, number];
  const inner = channels * sizes.expand;
  const mixed = mixNeighbours(net, unscaledNorm(net, 'norm', x), inner, grid);
  return reshape(mixed, [batch, inner, cells]);
}

/**
 * The rest of a Temporal Mamba Block: scans the steps in time at every cell and keeps the newest.
 * @param steps inner features, oldest first, `[B, T, inner, cells]`
 * @param newest the newest step's token, `[B, cells, C]`
 * @returns `[B, cells, C]`
 */
export function temporalScan(net: Net, steps: Value, newest: Value, sizes: BlockSizes): Value {
  const inner = steps.shape[2]!;
  const last = transpose(
    net.graph.within('scan', () => scanTime(net, steps, sizes)),
    [0, 2, 1],
  );
  const gate = silu(linear(net, 'gate', newest, inner, { bias: false }));
  const gated = gatedNorm(net, last, gate);
  return add(newest, linear(net, 'output', gated, newest.shape[2]!, { bias: false }));
}
