import type { ScoredFrame } from './frame-scorer.ts';

/** A hundred-thousandth says nothing more, and lines stay short. */
const round = (value: number): number => Math.round(value * 1e5) / 1e5;

/**
 * What is said of a frame, as a line of JSON Lines.
 * @param video the input that it is of, where there are several
 */
export function scoreLine(
  { frame, time, score, appearance, motion, alarm, regions, zone, warmUp }: ScoredFrame,
  video?: string,
): string {
  const line = {
    ...(video !== undefined && { video }),
    frame,
    time: round(time),
    score: round(score),
    appearance: round(appearance),
    motion: round(motion),
    alarm,
    regions: regions.map((region) => ({ ...region, score: round(region.score) })),
    ...(zone !== undefined && { zone }),
    ...(warmUp && { warmUp }),
  };
  return `${JSON.stringify(line)}\n`;
}
