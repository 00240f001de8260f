import type { Clip } from '../datasets/clip.ts';
import { clipFrames } from '../datasets/clip-frames.ts';
import type { Detector } from '../detector/detector.ts';
import type { ModelDescription } from '../detector/model-file.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import { calibrate } from '../scoring/calibration.ts';
import type { HeldOutErrors } from '../scoring/statistics.ts';
import type { FrameFormat } from '../video/frame.ts';
import type { Segment } from './hold-out.ts';
import { spread } from './spread.ts';

/** Most pixels, and most frames, of held-out footage that are scored for statistics and threshold. */
const CALIBRATION_PIXELS = 20_000 * 256 ** 2;
const CALIBRATION_FRAMES = 80_000;

/** Frames of held-out footage that are scored at most: small ones are quick, and hours of them say more. */
export const calibrationFrames = ({ width, height }: FrameFormat): number =>
  Math.min(CALIBRATION_FRAMES, Math.round(CALIBRATION_PIXELS / (width * height)));

/** Shortest piece in frames; of less, warm-up would take too much. */
const SHORTEST_START = 200;

export interface CalibrationOptions {
  /** Alarm budget per hour for the threshold; default 1. */
  readonly alarmsPerHour?: number | undefined;
  readonly onCalibration?: ((done: number, total: number) => void) | undefined;
}

export type DescribedCalibration = Pick<ModelDescription, 'scoring' | 'statistics' | 'threshold'>;

/** Derives scoring, statistics and threshold from a detector's errors on held-out footage. */
export async function calibrateDetector(
  detector: Pick<Detector, 'errors' | 'format'>,
  clips: readonly Clip[],
  heldOut: readonly Segment[],
  { alarmsPerHour, onCalibration }: CalibrationOptions,
): Promise<DescribedCalibration> {
  const stretches = await heldOutErrors(detector, clips, heldOut, onCalibration);
  return calibrateOn(stretches, alarmsPerHour);
}

/** {@link calibrate} in the form of `model.json`. */
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

/** Errors on a piece of held-out footage. */
export interface HeldOutStretch extends HeldOutErrors {
  /** Its frames, including the warm-up, which has no errors. */
  readonly segment: Segment;
}

/**
 * A detector's errors on held-out footage. Of long footage, only the start of each piece is scored, or
 * of evenly spread pieces where these starts would be too short.
 */
export async function heldOutErrors(
  detector: Pick<Detector, 'errors' | 'format'>,
  clips: readonly Clip[],
  segments: readonly Segment[],
  onCalibration?: CalibrationOptions['onCalibration'],
): Promise<HeldOutStretch[]> {
  const most = calibrationFrames(detector.format);
  const some = spread(segments, most / SHORTEST_START);
  const each = Math.floor(most / some.length);
  const taken = some.map((s) => ({ ...s, end: Math.min(s.end, s.start + each) }));
  const total = taken.reduce((sum, { start, end }) => sum + end - start, 0);
  let done = 0;
  const stretches: HeldOutStretch[] = [];
  for (const segment of taken) {
    const { start, end } = segment;
    const clip = clips[segment.clip]!;
    const errors: CellErrors[] = [];
    for await (const frame of detector.errors(clipFrames(clip, start, end))) {
      if (frame) errors.push(frame);
      onCalibration?.(++done, total);
    }
    stretches.push({ errors, fps: clip.fps, segment });
  }
  return stretches;
}
