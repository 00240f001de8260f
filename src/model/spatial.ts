import {
  add,
  concat,
  mul,
  reduceMean,
  relu,
  reshape,
  slice,
  softmax,
  type Value,
} from '../graph/index.ts';
import { vssBlock } from '../nn/blocks.ts';
import { linear, norm } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import { mergeTokens, splitTokens } from '../nn/patches.ts';
import { CELL, cellGrid, type ModelConfiguration } from './configuration.ts';

/** A batch of pictures, cut into patches of any size: `[B, patches, C * p * p]`. */
export interface Picture {
  patches(size: number): Value;
}

export interface SpatialFeatures {
  /** The scales fused on the grid of cells, `[B, cells, fusedWidth]`. */
  readonly fused: Value;
  /** The finest encoder's tokens, `[B, tokens, width]`, and the side of its patches. */
  readonly finest: Value;
  readonly finestPatch: number;
}

const NAMES: Readonly<Record<ModelConfiguration['spatial']['scales'][number]['patch'], string>> = {
  4: 'fine',
  8: 'medium',
  16: 'coarse',
};

/**
 * 1. Spatial encoders: a stack of VSS blocks at each granularity, brought to the grid of cells and
 * fused by weights that depend on the input.
 */
export function encodeSpatial(net: Net, c: ModelConfiguration, frame: Picture): SpatialFeatures {
  return net.graph.within('spatial', () => {
    const encoders = c.spatial.scales.map(({ patch, width, depth }) =>
      net.graph.within(NAMES[patch], () => {
        const grid = { height: c.input.height / patch, width: c.input.width / patch };
        let tokens = linear(net, 'embed', frame.patches(patch), width);
        for (let block = 0; block < depth; block++)
          tokens = vssBlock(net, `${block}`, tokens, grid, c.spatial.routes, c);
        const normal = norm(net, 'norm', tokens);
        return { patch, tokens: normal, onCells: toCells(net, normal, patch, c) };
      }),
    );
    const finest = encoders.reduce((a, b) => (b.patch < a.patch ? b : a));
    const fused = fuseScales(
      net,
      encoders.map(({ onCells }) => onCells),
    );
    return { fused, finest: finest.tokens, finestPatch: finest.patch };
  });
}

/** Tokens of any granularity as features of the cells, `[B, cells, fusedWidth]`. */
function toCells(net: Net, tokens: Value, patch: number, c: ModelConfiguration): Value {
  const grid = { height: c.input.height / patch, width: c.input.width / patch };
  if (patch < CELL) {
    const merged = mergeTokens(tokens, grid.height, grid.width, CELL / patch);
    return linear(net, 'toCells', merged, c.fusedWidth);
  }
  const factor = patch / CELL;
  const wide = linear(net, 'toCells', tokens, c.fusedWidth * factor * factor);
  return factor === 1 ? wide : splitTokens(wide, grid.height, grid.width, factor);
}

/** Adaptive fusion: softmax weights over the scales, from the pooled scales. */
function fuseScales(net: Net, scales: readonly Value[]): Value {
  if (scales.length === 1) return scales[0]!;
  return net.graph.within('fusion', () => {
    const [batch, , width] = scales[0]!.shape as [number, number, number];
    const pooled = concat(
      scales.map((scale) => reduceMean(scale, [1])),
      2,
    ); // [B, 1, scales * D]
    const hidden = relu(linear(net, 'hidden', pooled, width));
    const weights = softmax(linear(net, 'weights', hidden, scales.length, { gain: 0.1 }));
    return scales
      .map((scale, i) => mul(scale, reshape(slice(weights, 2, i, i + 1), [batch, 1, 1])))
      .reduce((sum, scale) => add(sum, scale));
  });
}

/** Rows and columns of the finest encoder's tokens. */
export function finestGrid(c: ModelConfiguration, patch: number) {
  const cells = cellGrid(c);
  return { height: (cells.height * CELL) / patch, width: (cells.width * CELL) / patch };
}
