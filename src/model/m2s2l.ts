import { concat, reshape, slice, sub, type Value } from '../graph/index.ts';
import type { Net } from '../nn/parameters.ts';
import { clipOffsets, type ModelConfiguration } from './configuration.ts';
import { decode } from './decoders.ts';
import { decompose } from './decomposition.ts';
import { remember } from './memory.ts';
import { encodeSpatial } from './spatial.ts';
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
  const [batch, , ...picture] = frames.shape as [number, number, number, number, number];
  const offsets = clipOffsets(c);
  const frame = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return reshape(slice(frames, 1, at, at + 1), [batch, ...picture]);
  };
  const newest = newestSeen(c);
  const { steps } = c.temporal;
  const scales = c.temporal.strides.map((stride, scale): TimeScale => {
    const back = Array.from({ length: steps }, (_, i) => newest + (steps - 1 - i) * stride);
    const differences = back.map((offset) => sub(frame(offset), frame(offset + stride)));
    const stacked = concat(
      differences.map((d) => reshape(d, [batch, 1, ...picture])),
      1,
    );
    const all = reshape(stacked, [batch * steps, ...picture]);
    const { token, inner } = encodeSteps(net, c, scale, all);
    const byClip = (x: Value): Value => reshape(x, [batch, steps, x.shape[1]!, x.shape[2]!]);
    const last = slice(byClip(token), 1, steps - 1, steps);
    return { steps: byClip(inner), newest: reshape(last, [batch, ...token.shape.slice(1)]) };
  });
  return complete(net, c, frame, scales);
}

/**
 * M2S2L on a stream: one more frame, with the features of past differences kept. The same numbers
 * as {@link m2s2lClip} on the clip that ends with this frame.
 */
export function m2s2lStream(net: Net, c: ModelConfiguration, inputs: StreamInputs): StreamOutputs {
  const newest = newestSeen(c);
  const newSteps: Value[] = [];
  const scales = c.temporal.strides.map((stride, scale): TimeScale => {
    const difference = sub(inputs.frame(newest), inputs.frame(newest + stride));
    const { token, inner } = encodeSteps(net, c, scale, difference);
    newSteps.push(inner);
    const [batch, cells, width] = inner.shape as [number, number, number];
    const newStep = reshape(inner, [batch, 1, cells, width]);
    const past = inputs.pastSteps[scale];
    return { steps: past ? concat([past, newStep], 1) : newStep, newest: token };
  });
  return { ...complete(net, c, inputs.frame, scales), newSteps };
}

/** Everything after the differences' features: the paper's figure, from left to right. */
function complete(
  net: Net,
  c: ModelConfiguration,
  frame: (offset: number) => Value,
  scales: readonly TimeScale[],
): Outputs {
  const spatial = encodeSpatial(net, c, frame(newestSeen(c)));
  const temporal = encodeTime(net, c, scales);
  const parts = decompose(net, c, spatial.fused, temporal);
  const remembered = remember(net, c, parts);
  const decoded = (branch: 'appearance' | 'motion'): Value | undefined =>
    c.decoders.branches.includes(branch) ? decode(net, c, branch, remembered, spatial) : undefined;
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
