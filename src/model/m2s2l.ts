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
import { judgePace, type Pace } from './pace.ts';
import { encodeSpatial, type Picture, type SpatialFeatures } from './spatial.ts';
import { encodeTime, type TemporalFeatures, type TimeScale } from './temporal.ts';

/** What the figure begins with, of a clip or of a stream. */
export interface Seen {
  readonly frame: FrameAt;
  /** The newest frame that the encoders see, and its difference to the one before. */
  readonly newest: Picture & {
    /** `[B, cells, C * p * p]` */
    difference(): Value;
  };
  /** For each time scale the features of its frame differences. */
  readonly scales: readonly TimeScale[];
  /** How many clips of the batch are decoded, the first ones; of the others only the pace is judged. */
  readonly decoded: number;
}

/** What the model says of the newest frame, and what lies between the boxes of the figure. */
export interface Outputs {
  /** The frame and the difference to the frame before, decoded: `[B, C, H, W]`. */
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** What they should have been. */
  readonly frame: Value;
  readonly difference: Value;
  /** Of all clips, also of those that are not decoded. */
  readonly pace: Pace | undefined;
  readonly spatial: SpatialFeatures;
  readonly temporal: TemporalFeatures;
  readonly parts: Parts;
  readonly remembered: RememberedParts;
}

/** Changes what the decoders get of a part, `[B, cells, P]`: to find out what the part is good for. */
export type Alter = (part: PartName, drawnFrom: Value) => Value;

/**
 * M2S2L, the paper's figure from left to right. `cells` is the grid of 8x8 pixels, D `fusedWidth`,
 * W `temporal.width`, P `partWidth`; P doubles behind memories that may be passed.
 */
export function m2s2l(
  net: Net,
  c: ModelConfiguration,
  { frame, newest, scales, decoded }: Seen,
  alter: Alter = (_, drawnFrom) => drawnFrom,
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
      ? judgePace(net, c, spatial.fused, temporal.scales, newest.difference()) // [B, cells]
      : undefined,
    spatial,
    temporal,
    parts,
    remembered,
  };
}

/** The newest differences between neighbouring frames that the encoders see, in fine patches. */
function newestDifferences(c: ModelConfiguration, frame: FrameAt): Value[] {
  if (!c.decoders.skip.includes('motion')) return [];
  return Array.from({ length: SKIPPED_DIFFERENCES }, (_, back) => {
    const newer = newestSeen(c) + back;
    return patchifyGrid(sub(frame(newer), frame(newer + 1)), FINE);
  });
}
