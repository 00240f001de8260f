import type { Clip } from '../datasets/clip.ts';
import type { ClipReader } from '../inspection/inspect.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import type { Segment } from './hold-out.ts';
import { readBatch, type Sample, samplesOf } from './samples.ts';
import { spread } from './spread.ts';

/** Clips for an inspection, spread evenly over footage. */
export function inspectedClips(
  clips: readonly Clip[],
  segments: readonly Segment[],
  c: ModelConfiguration,
  count: number,
): (ClipReader & { readonly sample: Sample })[] {
  return spread(samplesOf(clips, segments, c), count).map((sample) =>
    Object.assign(() => readBatch([sample], c), { sample }),
  );
}
