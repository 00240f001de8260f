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

/** Pixels of held-out footage that are scored for the statistics and the threshold, at most; and frames. */
const CALIBRATION_PIXELS = 20_000 * 256 ** 2;
const CALIBRATION_FRAMES = 80_000;

/** Frames of held-out footage that are scored at most: small ones are quick, and hours of them say more. */
export const calibrationFrames = ({ width, height }: FrameFormat): number =>
  Math.min(CALIBRATION_FRAMES, Math.round(CALIBRATION_PIXELS / (width * height)));

/** Frames of one piece below which the warm-up would take too much of it. */
const SHORTEST_START = 200;

export interface CalibrationOptions {
  /** Alarms an hour that the threshold is made for; default 1. */
  readonly alarmsPerHour?: number | undefined;
  readonly onCalibration?: ((done: number, total: number) => void) | undefined;
}

export type DescribedCalibration = Pick<ModelDescription, 'scoring' | 'statistics' | 'threshold'>;

/** What a detector's errors on held-out footage make of them: scores and alarms. */
export async function calibrateDetector(
  detector: Pick<Detector, 'errors' | 'format'>,
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

/** The errors of a piece of held-out footage. */
export interface HeldOutStretch extends HeldOutErrors {
  /** The frames that they are of, with those of the warm-up, which have none. */
  readonly segment: Segment;
}

/**
 * A detector's errors on held-out footage; of very much footage, the start of each piece, or where these
 * would be too short, of some that are spread evenly.
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
