import { concat, mul, reshape, slice, sub, toReal, type Value } from '../graph/index.ts';
import type { Net } from '../nn/parameters.ts';
import { patchify, patchifyGrid } from '../nn/patches.ts';
import {
  type Branch,
  CELL,
  clipOffsets,
  type ModelConfiguration,
  newestSeen,
  SKIPPED_DIFFERENCES,
} from './configuration.ts';
import { decode, FINE } from './decoders.ts';
import { decompose } from './decomposition.ts';
import { BYTE, scaled } from './input.ts';
import { remember } from './memory.ts';
import { judgePace, type Pace } from './pace.ts';
import { encodeSpatial, type Picture } from './spatial.ts';
import { encodeSteps, encodeTime, type StepFeatures, type TimeScale } from './temporal.ts';

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
  /** Of all clips, also of those that are not decoded. */
  readonly pace: Pace | undefined;
}

/**
 * M2S2L on clips. `frames` `[B, offsets, C, H, W]` holds the frames of {@link clipOffsets}, oldest
 * first, as bytes.
 * @param decoded how many of them are decoded, the first ones; of the others only the pace is judged
 */
export function m2s2lClip(
  net: Net,
  c: ModelConfiguration,
  frames: Value,
  decoded = frames.shape[0]!,
): Outputs {
  const [batch, count, ...picture] = frames.shape as [number, number, number, number, number];
  const offsets = clipOffsets(c);
  const bytes = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return reshape(slice(frames, 1, at, at + 1), [batch, ...picture]);
  };
  const cut = toReal(patchify(reshape(frames, [batch * count, ...picture]), CELL));
  const [, cells, pixels] = cut.shape as [number, number, number];
  const byClip = reshape(cut, [batch, count, cells, pixels]);
  const cellsOf = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return slice(byClip, 1, at, at + 1); // [B, 1, cells, C * p * p]
  };
  const newest = newestSeen(c);
  const inBytes = (newer: number, older: number): Value => sub(cellsOf(newer), cellsOf(older));
  const { steps } = c.temporal;
  const scales = c.temporal.strides.map((stride, scale): TimeScale => {
    const back = Array.from({ length: steps }, (_, i) => newest + (steps - 1 - i) * stride);
    const differences = back.map((offset) => inBytes(offset, offset + stride));
    const all = mul(reshape(concat(differences, 1), [batch * steps, cells, pixels]), BYTE);
    const { token, inner } = encodeSteps(net, c, scale, all);
    const apart = (x: Value): Value => reshape(x, [batch, steps, ...x.shape.slice(1)]);
    const last = slice(apart(token), 1, steps - 1, steps);
    return { steps: apart(inner), newest: reshape(last, [batch, cells, c.temporal.width]) };
  });
  const inCells = (x: Value): Value => reshape(x, [batch, cells, pixels]);
  const seen: Seen = {
    patches: (size) =>
      scaled(size === CELL ? inCells(cellsOf(newest)) : patchify(bytes(newest), size)),
    difference: () => mul(inCells(inBytes(newest, newest + c.temporal.strides[0]!)), BYTE),
  };
  return complete(net, c, (offset) => scaled(bytes(offset)), seen, scales, decoded);
}

/** A frame, `[B, C, H, W]`, scaled to [-1, 1], by how many frames before the scored one it lies. */
export type FrameBefore = (offset: number) => Value;

/**
 * M2S2L on a stream, first part: the newest difference of each time scale, whose features depend on
 * two frames only. A stream keeps `inner` of as many as {@link m2s2lStep} looks back on.
 */
export function encodeDifferences(
  net: Net,
  c: ModelConfiguration,
  frame: FrameBefore,
): StepFeatures[] {
  const newest = newestSeen(c);
  return c.temporal.strides.map((stride, scale) => {
    const difference = sub(frame(newest), frame(newest + stride));
    return encodeSteps(net, c, scale, patchify(difference, CELL));
  });
}

/**
 * M2S2L on a stream, second part: everything that comes after the features of the differences. The
 * same numbers as {@link m2s2lClip} on the clip that ends with the scored frame.
 * @param scales for each time scale the kept features of its steps, and the newest step's token
 */
export function m2s2lStep(
  net: Net,
  c: ModelConfiguration,
  frame: FrameBefore,
  scales: readonly TimeScale[],
): Outputs {
  const newest = newestSeen(c);
  const seen: Seen = {
    patches: (size) => patchify(frame(newest), size),
    difference: () => patchify(sub(frame(newest), frame(newest + c.temporal.strides[0]!)), CELL),
  };
  return complete(net, c, frame, seen, scales, scales[0]!.newest.shape[0]!);
}

/** The newest frame that the encoders see, and how it differs from the one before, in cells. */
interface Seen extends Picture {
  /** `[B, cells, C * p * p]` */
  difference(): Value;
}

/** Everything after the differences' features: the paper's figure, from left to right. */
function complete(
  net: Net,
  c: ModelConfiguration,
  frame: FrameBefore,
  seen: Seen,
  scales: readonly TimeScale[],
  decoded: number,
): Outputs {
  const spatial = encodeSpatial(net, c, seen);
  const temporal = encodeTime(net, c, scales);
  const first = (x: Value): Value => (x.shape[0] === decoded ? x : slice(x, 0, 0, decoded));
  const parts = decompose(net, c, first(spatial.fused), first(temporal.fused));
  const remembered = remember(net, c, parts);
  const target: FrameBefore = (offset) => first(frame(offset));
  const skip = {
    spatial: { ...spatial, finest: first(spatial.finest) },
    differences: newestDifferences(c, target),
  };
  const picture = (branch: Branch): Value | undefined =>
    c.decoders.branches.includes(branch) ? decode(net, c, branch, remembered, skip) : undefined;
  return {
    appearance: picture('appearance'),
    motion: picture('motion'),
    frame: target(0),
    difference: sub(target(0), target(1)),
    overlap: parts.overlap,
    compactness: remembered.compactness,
    separation: remembered.separation,
    pace: c.pace ? judgePace(net, c, spatial.fused, temporal.scales, seen.difference()) : undefined,
  };
}

/** The newest differences between neighbouring frames that the encoders see, in fine patches. */
function newestDifferences(c: ModelConfiguration, frame: FrameBefore): Value[] {
  if (!c.decoders.skip.includes('motion')) return [];
  return Array.from({ length: SKIPPED_DIFFERENCES }, (_, back) => {
    const newer = newestSeen(c) + back;
    return patchifyGrid(sub(frame(newer), frame(newer + 1)), FINE);
  });
}
