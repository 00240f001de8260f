import type { Clip } from '../datasets/clip.ts';
import { clipFrames } from '../datasets/clip-frames.ts';
import type { Detector } from '../detector/detector.ts';
import type { ModelDescription } from '../detector/model-file.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import { calibrate, type HeldOutErrors } from '../scoring/calibration.ts';
import type { Segment } from './hold-out.ts';

/** Frames of held-out footage that are scored for the statistics and the threshold, at most. */
export const CALIBRATION_FRAMES = 20_000;

export interface CalibrationOptions {
  /** Alarms an hour that the threshold is made for; default 1. */
  readonly alarmsPerHour?: number | undefined;
  readonly onCalibration?: ((done: number, total: number) => void) | undefined;
}

export type DescribedCalibration = Pick<ModelDescription, 'scoring' | 'statistics' | 'threshold'>;

/** What a detector's errors on held-out footage make of them: scores and alarms. */
export async function calibrateDetector(
  detector: Detector,
  clips: readonly Clip[],
  heldOut: readonly Segment[],
  { alarmsPerHour, onCalibration }: CalibrationOptions,
): Promise<DescribedCalibration> {
  const stretches = await heldOutErrors(detector, clips, heldOut, onCalibration);
  return calibrateOn(stretches, alarmsPerHour);
}

/** {@link calibrate} as a model's description has it. */
export function calibrateOn(
  stretches: readonly HeldOutErrors[],
  alarmsPerHour: number | undefined,
): DescribedCalibration {
  const { scoring, statistics, threshold } = calibrate(stretches, alarmsPerHour);
  return {
    scoring: { ...scoring, blockSizes: [...scoring.blockSizes] },
    // A mutable copy, as the schema's type has it.
    statistics: structuredClone(statistics) as object as ModelDescription['statistics'],
    threshold,
  };
}

/**
 * A detector's errors on held-out footage, one stretch a segment, without the frames of its warm-up; of
 * very much footage, the start of each piece.
 */
export async function heldOutErrors(
  detector: Detector,
  clips: readonly Clip[],
  segments: readonly Segment[],
  onCalibration?: CalibrationOptions['onCalibration'],
): Promise<HeldOutErrors[]> {
  const each = Math.floor(CALIBRATION_FRAMES / segments.length);
  const taken = segments.map((s) => ({ ...s, end: Math.min(s.end, s.start + each) }));
  const total = taken.reduce((sum, { start, end }) => sum + end - start, 0);
  let done = 0;
  const stretches: HeldOutErrors[] = [];
  for (const { clip: index, start, end } of taken) {
    const clip = clips[index]!;
    const errors: CellErrors[] = [];
    for await (const frame of detector.errors(clipFrames(clip, start, end))) {
      if (frame) errors.push(frame);
      onCalibration?.(++done, total);
    }
    stretches.push({ errors, fps: clip.fps });
  }
  return stretches;
}
