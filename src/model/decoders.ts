import { add, concat, relu, type Value } from '../graph/index.ts';
import { convolution, tokensToGrid } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import { patchifyGrid, unpatchify } from '../nn/patches.ts';
import { type Branch, CELL, cellGrid, type ModelConfiguration } from './configuration.ts';
import type { RememberedParts } from './memory.ts';
import { finestGrid, type SpatialFeatures } from './spatial.ts';

/** Patch size in pixels of the decoders' fine grid, before the last step to pixels. */
export const FINE = 4;

/** Inputs of the skip connections, for models whose target is hidden from the encoders. */
export interface SkipFeatures {
  readonly spatial: SpatialFeatures;
  /**
   * The newest differences that the encoders see, in patches of {@link FINE} pixels,
   * `[B, C * p * p, H/p, W/p]`: detail that the features of a cell lack.
   */
  readonly differences: readonly Value[];
}

/**
 * 5. A decoder: from the common part and its own to a picture `[B, C, H, W]`, the frame for
 * `appearance`, the frame difference for `motion`.
 */
export function decode(
  net: Net,
  c: ModelConfiguration,
  branch: Branch,
  parts: RememberedParts,
  skip: SkipFeatures,
): Value {
  return net.graph.within(`decoder.${branch}`, () => {
    const { coarseWidth, fineWidth, depth } = c.decoders;
    const cells = cellGrid(c);
    const own = parts[branch];
    const features = own ? concat([parts.common, own], 2) : parts.common;
    const coarse = tokensToGrid(features, cells.height, cells.width);
    const drawn = convolution(net, 'coarse', coarse, coarseWidth); // [B, coarseWidth, H/8, W/8]
    const mixed = relu(c.placeWidth > 0 ? add(drawn, position(net, c)) : drawn);
    const up = CELL / FINE;
    const shuffled = convolution(net, 'up', mixed, fineWidth * up * up, { kernel: 1, gain: 1 });
    let fine = relu(unpatchify(shuffled, up));
    if (c.decoders.skip.includes(branch)) {
      const recent = branch === 'motion' ? skip.differences : [];
      const skipped = [finestOnFine(net, c, skip.spatial), ...recent];
      fine = relu(convolution(net, 'join', concat([fine, ...skipped], 1), fineWidth));
    }
    for (let block = 0; block < depth; block++)
      fine = net.graph.within(`${block}`, () => {
        const hidden = relu(convolution(net, 'first', fine, fineWidth));
        return add(fine, convolution(net, 'second', hidden, fineWidth, { gain: 0.1 }));
      });
    const pixels = c.input.channels * FINE * FINE;
    // A small initial output: unlearning noise far above the size of a difference kills the
    // rectifiers, and the decoder then stays at 0.
    return unpatchify(convolution(net, 'pixels', fine, pixels, { gain: 1e-3 }), FINE);
  });
}

/**
 * Position embedding of a decoder, `[1, coarseWidth, H/8, W/8]`. A fixed camera always has the same
 * background at a place; the embedding learns it, and memories are left for what changes.
 */
function position(net: Net, c: ModelConfiguration): Value {
  const { height, width } = cellGrid(c);
  const start = { kind: 'normal', deviation: 1 } as const;
  const place = net.parameter('place', [1, c.placeWidth, height, width], start);
  return convolution(net, 'placed', place, c.decoders.coarseWidth, { kernel: 1, gain: 1 });
}

/** The finest encoder's tokens on the decoders' fine grid, `[B, width, H/4, W/4]`. */
function finestOnFine(net: Net, c: ModelConfiguration, spatial: SpatialFeatures): Value {
  const { height, width } = finestGrid(c, spatial.finestPatch);
  const grid = tokensToGrid(spatial.finest, height, width);
  const factor = spatial.finestPatch / FINE;
  if (factor === 1) return grid;
  if (factor < 1) return patchifyGrid(grid, 1 / factor);
  const wide = convolution(net, 'skip', grid, c.decoders.fineWidth * factor * factor, {
    kernel: 1,
    gain: 1,
  });
  return unpatchify(wide, factor);
}
