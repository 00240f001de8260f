import { concat, reshape, slice, sub, type Value } from '../graph/index.ts';
import { tokensToGrid } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import { patchify } from '../nn/patches.ts';
import {
  type Branch,
  CELL,
  clipOffsets,
  type ModelConfiguration,
  SKIPPED_DIFFERENCES,
} from './configuration.ts';
import { decode, FINE } from './decoders.ts';
import { decompose } from './decomposition.ts';
import { remember } from './memory.ts';
import { encodeSpatial, type Picture } from './spatial.ts';
import { encodeSteps, encodeTime, type TimeScale } from './temporal.ts';

/** What the model says of the newest frame of a clip, and what training asks of its inner parts. */
export interface Outputs {
  /** The frame and the difference to the frame before, decoded: `[B, C, H, W]`. */
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** What they should have been. */
  readonly frame: Value;
  readonly difference: Value;
  readonly overlap: Value | undefined;
  readonly compactness: readonly Value[];
  readonly separation: readonly Value[];
}

/** One stride's part of a stream's step: the newest difference's features, to be kept. */
export interface StreamOutputs extends Outputs {
  /** For each time scale, `[B, cells, inner]`. */
  readonly newSteps: readonly Value[];
}

/** Inputs of a stream's step: frames by their distance to the scored one, and kept features. */
export interface StreamInputs {
  /** `[B, C, H, W]` of the frame `offset` frames before the scored one. */
  frame(offset: number): Value;
  /** The kept features of the steps before the newest, oldest first: `[B, steps - 1, cells, inner]`. */
  readonly pastSteps: readonly Value[];
}

/** The frame the encoders see last: the scored one, or in `predict` the one before it. */
const newestSeen = ({ task }: ModelConfiguration): number => (task === 'predict' ? 1 : 0);

/**
 * M2S2L on clips. `frames` `[B, offsets, C, H, W]` holds the frames of {@link clipOffsets}, oldest
 * first, scaled to [-1, 1].
 */
export function m2s2lClip(net: Net, c: ModelConfiguration, frames: Value): Outputs {
  const [batch, count, ...picture] = frames.shape as [number, number, number, number, number];
  const offsets = clipOffsets(c);
  const frame = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return reshape(slice(frames, 1, at, at + 1), [batch, ...picture]);
  };
  const cut = patchify(reshape(frames, [batch * count, ...picture]), CELL);
  const [, cells, pixels] = cut.shape as [number, number, number];
  const byClip = reshape(cut, [batch, count, cells, pixels]);
  const cellsOf = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return slice(byClip, 1, at, at + 1); // [B, 1, cells, C * p * p]
  };
  const newest = newestSeen(c);
  const { steps } = c.temporal;
  const scales = c.temporal.strides.map((stride, scale): TimeScale => {
    const back = Array.from({ length: steps }, (_, i) => newest + (steps - 1 - i) * stride);
    const differences = back.map((offset) => sub(cellsOf(offset), cellsOf(offset + stride)));
    const all = reshape(concat(differences, 1), [batch * steps, cells, pixels]);
    const { token, inner } = encodeSteps(net, c, scale, all);
    const apart = (x: Value): Value => reshape(x, [batch, steps, cells, x.shape[2]!]);
    const last = slice(apart(token), 1, steps - 1, steps);
    return { steps: apart(inner), newest: reshape(last, [batch, cells, c.temporal.width]) };
  });
  const seen: Picture = {
    patches: (size) =>
      size === CELL
        ? reshape(cellsOf(newest), [batch, cells, pixels])
        : patchify(frame(newest), size),
  };
  return complete(net, c, frame, seen, scales);
}

/**
 * M2S2L on a stream: one more frame, with the features of past differences kept. The same numbers
 * as {@link m2s2lClip} on the clip that ends with this frame.
 */
export function m2s2lStream(net: Net, c: ModelConfiguration, inputs: StreamInputs): StreamOutputs {
  const newest = newestSeen(c);
  const newSteps: Value[] = [];
  const scales = c.temporal.strides.map((stride, scale): TimeScale => {
    const cells = (offset: number): Value => patchify(inputs.frame(offset), CELL);
    const difference = sub(cells(newest), cells(newest + stride));
    const { token, inner } = encodeSteps(net, c, scale, difference);
    newSteps.push(inner);
    const newStep = reshape(inner, [inner.shape[0]!, 1, ...inner.shape.slice(1)]);
    const past = inputs.pastSteps[scale];
    return { steps: past ? concat([past, newStep], 1) : newStep, newest: token };
  });
  const seen: Picture = { patches: (size) => patchify(inputs.frame(newest), size) };
  return { ...complete(net, c, inputs.frame, seen, scales), newSteps };
}

/** Everything after the differences' features: the paper's figure, from left to right. */
function complete(
  net: Net,
  c: ModelConfiguration,
  frame: (offset: number) => Value,
  seen: Picture,
  scales: readonly TimeScale[],
): Outputs {
  const spatial = encodeSpatial(net, c, seen);
  const temporal = encodeTime(net, c, scales);
  const parts = decompose(net, c, spatial.fused, temporal);
  const remembered = remember(net, c, parts);
  const skip = { spatial, differences: newestDifferences(c, frame) };
  const decoded = (branch: Branch): Value | undefined =>
    c.decoders.branches.includes(branch) ? decode(net, c, branch, remembered, skip) : undefined;
  return {
    appearance: decoded('appearance'),
    motion: decoded('motion'),
    frame: frame(0),
    difference: sub(frame(0), frame(1)),
    overlap: parts.overlap,
    compactness: remembered.compactness,
    separation: remembered.separation,
  };
}

/** The newest differences between neighbouring frames that the encoders see, in fine patches. */
function newestDifferences(c: ModelConfiguration, frame: (offset: number) => Value): Value[] {
  if (!c.decoders.skip.includes('motion')) return [];
  const grid = { height: c.input.height / FINE, width: c.input.width / FINE };
  const frames = Array.from({ length: SKIPPED_DIFFERENCES + 1 }, (_, back) =>
    tokensToGrid(patchify(frame(newestSeen(c) + back), FINE), grid.height, grid.width),
  );
  return frames.slice(1).map((older, i) => sub(frames[i]!, older));
}
