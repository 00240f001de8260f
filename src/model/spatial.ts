import { add, concat, mul, reduceMean, relu, slice, softmax, type Value } from '../graph/index.ts';
import { vssBlock } from '../nn/blocks.ts';
import { linear, norm } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import { mergeTokens, splitTokens } from '../nn/patches.ts';
import { CELL, cellGrid, type ModelConfiguration } from './configuration.ts';

/** A batch of pictures that can be cut into patches: `[B, patches, C * p * p]`. */
export interface Picture {
  patches(size: number): Value;
}

export interface SpatialFeatures {
  /** The scales fused on the grid of cells, `[B, cells, fusedWidth]`. */
  readonly fused: Value;
  /** Fusion weights of the scales, `[B, cells or 1, scales]`; undefined for a single scale. */
  readonly weights: Value | undefined;
  /** The finest encoder's tokens, `[B, tokens, width]`, and the side of its patches. */
  readonly finest: Value;
  readonly finestPatch: number;
}

/**
 * 1. Spatial encoders: a stack of VSS blocks at each granularity, resampled to the grid of cells and
 * fused with input-dependent weights.
 */
export function encodeSpatial(net: Net, c: ModelConfiguration, frame: Picture): SpatialFeatures {
  return net.graph.within('spatial', () => {
    const encoders = c.spatial.scales.map(({ patch, width, depth }) =>
      net.graph.within(`patch${patch}`, () => {
        const grid = { height: c.input.height / patch, width: c.input.width / patch };
        let tokens = linear(net, 'embed', frame.patches(patch), width);
        for (let block = 0; block < depth; block++)
          tokens = vssBlock(net, `${block}`, tokens, grid, c.spatial.routes, c);
        const normal = norm(net, 'norm', tokens);
        return { patch, tokens: normal, onCells: toCells(net, normal, patch, c) };
      }),
    );
    const finest = encoders.reduce((a, b) => (b.patch < a.patch ? b : a));
    const onCells = encoders.map((encoder) => encoder.onCells);
    const { fused, weights } = fuseScales(net, onCells, c.spatial.fusion);
    return { fused, weights, finest: finest.tokens, finestPatch: finest.patch };
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

/** Adaptive fusion: softmax weights over the scales, for the whole picture or for each cell. */
function fuseScales(
  net: Net,
  scales: readonly Value[], // [B, cells, D] each
  fusion: ModelConfiguration['spatial']['fusion'],
): Pick<SpatialFeatures, 'fused' | 'weights'> {
  if (scales.length === 1) return { fused: scales[0]!, weights: undefined };
  return net.graph.within('fusion', () => {
    const seen = concat(fusion === 'cell' ? scales : scales.map(pooled), 2); // [B, cells or 1, scales * D]
    const hidden = relu(linear(net, 'hidden', seen, scales[0]!.shape[2]!)); // [B, cells or 1, D]
    const weights = softmax(linear(net, 'weights', hidden, scales.length, { gain: 0.1 }));
    const fused = scales
      .map((scale, i) => mul(scale, slice(weights, 2, i, i + 1)))
      .reduce((sum, scale) => add(sum, scale)); // [B, cells, D]
    return { fused, weights };
  });
}

/** `[B, cells, D] -> [B, 1, D]` */
const pooled = (scale: Value): Value => reduceMean(scale, [1]);

/** Rows and columns of the finest encoder's tokens. */
export function finestGrid(c: ModelConfiguration, patch: number) {
  const cells = cellGrid(c);
  return { height: (cells.height * CELL) / patch, width: (cells.width * CELL) / patch };
}
