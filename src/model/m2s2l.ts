import { slice, sub, type Value } from '../graph/index.ts';
import type { Net } from '../nn/parameters.ts';
import { patchifyGrid } from '../nn/patches.ts';
import {
  type Branch,
  type ModelConfiguration,
  newestSeen,
  SKIPPED_DIFFERENCES,
} from './configuration.ts';
import { decode, FINE } from './decoders.ts';
import { decompose, type PartName, type Parts } from './decomposition.ts';
import type { FrameAt } from './input.ts';
import { type RememberedParts, remember } from './memory.ts';
import { type Pace, paceHead } from './pace.ts';
import { encodeSpatial, type Picture, type SpatialFeatures } from './spatial.ts';
import { encodeTime, type TemporalFeatures, type TimeScale } from './temporal.ts';

/** Input of the figure, from a clip or from a stream. */
export interface Seen {
  readonly frame: FrameAt;
  /** The newest frame that the encoders see, and its difference from the one before. */
  readonly newest: Picture & {
    /** `[B, cells, C * p * p]` */
    difference(): Value;
  };
  /** For each time scale the features of its frame differences. */
  readonly scales: readonly TimeScale[];
  /** Clips of the batch to decode, from the first; the others only get the pace head. */
  readonly decoded: number;
}

/** Outputs of the model for the scored frame, and everything between the boxes of the figure. */
export interface Outputs {
  /** Decoded frame, and its decoded difference from the one before: `[B, C, H, W]`. */
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** Targets of the two. */
  readonly frame: Value;
  readonly difference: Value;
  /** Of all clips, including those that are not decoded. */
  readonly pace: Pace | undefined;
  readonly spatial: SpatialFeatures;
  readonly temporal: TemporalFeatures;
  readonly parts: Parts;
  readonly remembered: RememberedParts;
}

/** Replaces the features of a part that decoders get, `[B, cells, P]`: for ablations. */
export type Alter = (part: PartName, features: Value) => Value;

/**
 * M2S2L, the paper's figure from left to right. `cells` is the grid of 8x8 pixels, D `fusedWidth`,
 * W `temporal.width`, P `partWidth`; with `memoryBypass`, P doubles behind the memories.
 */
export function m2s2l(
  net: Net,
  c: ModelConfiguration,
  { frame, newest, scales, decoded }: Seen,
  alter: Alter = (_, features) => features,
): Outputs {
  const first = (x: Value): Value => (x.shape[0] === decoded ? x : slice(x, 0, 0, decoded));
  const target: FrameAt = (offset) => first(frame(offset)); // [B, C, H, W]

  const spatial = encodeSpatial(net, c, newest); // fused: [B, cells, D]
  const temporal = encodeTime(net, c, scales); // fused: [B, cells, W]
  const parts = decompose(net, c, first(spatial.fused), first(temporal.fused)); // 3 x [B, cells, P]
  const remembered = remember(net, c, parts, alter); // 3 x [B, cells, P]

  const skip = {
    spatial: { ...spatial, finest: first(spatial.finest) },
    differences: newestDifferences(c, target),
  };
  const picture = (branch: Branch): Value | undefined =>
    c.decoders.branches.includes(branch) ? decode(net, c, branch, remembered, skip) : undefined;
  return {
    appearance: picture('appearance'), // [B, C, H, W]
    motion: picture('motion'), // [B, C, H, W]
    frame: target(0),
    difference: sub(target(0), target(1)),
    pace: c.pace
      ? paceHead(net, c, spatial.fused, temporal.scales, newest.difference()) // [B, cells]
      : undefined,
    spatial,
    temporal,
    parts,
    remembered,
  };
}

/** The newest differences between neighbouring frames that the encoders see, cut for the decoders' fine grid. */
function newestDifferences(c: ModelConfiguration, frame: FrameAt): Value[] {
  if (!c.decoders.skip.includes('motion')) return [];
  return Array.from({ length: SKIPPED_DIFFERENCES }, (_, back) => {
    const newer = newestSeen(c) + back;
    return patchifyGrid(sub(frame(newer), frame(newer + 1)), FINE);
  });
}
