import type { CellErrors } from './blocks.ts';
import { RecentRarity } from './recent.ts';
import {
  type HeldOutErrors,
  type NormalStatistics,
  type RecentLevel,
  type RecentStatistics,
  statisticsOf,
} from './statistics.ts';

/** Time constant of the mean rarity, in seconds. */
const RECENT_SECONDS = 15 * 60;

/** Levels at most, and frames for each of them. */
const MOST_LEVELS = 4;
const FRAMES_A_LEVEL = 2500;

/**
 * Share of frames from all levels in each, since a quiet hour shows little of what may happen in one. What
 * is ordinary overall is thus at most ln 20 = 3 nats rarer at the quietest level.
 */
const OVERALL_SHARE = 0.05;

/** Least distance between levels, in nats. */
const CLOSEST = 0.02;

interface Placed {
  readonly rarity: number;
  readonly errors: CellErrors;
}

/**
 * Statistics by recent rarity: the held-out frames, sorted by how rare the motion had been before them, in as
 * many equal parts as there are enough frames for. Undefined if these are fewer than two.
 * @param overall statistics of all of them
 */
export function recentStatistics(
  stretches: readonly HeldOutErrors[],
  overall: NormalStatistics,
  blockSizes: readonly number[],
): RecentStatistics | undefined {
  const frames = RECENT_SECONDS * stretches[0]!.fps;
  const placed = stretches
    .flatMap(({ errors }) => afterOthers(errors, new RecentRarity(overall, frames)))
    .sort((a, b) => a.rarity - b.rarity);
  const parts = equalParts(placed);
  if (!parts) return undefined;
  const others = thinned(
    stretches.flatMap(({ errors }) => errors),
    Math.round((parts[0]!.length * OVERALL_SHARE) / (1 - OVERALL_SHARE)),
  );
  const levels = parts.map((part): RecentLevel => {
    const { appearance, motion, pace } = statisticsOf(
      [...part.map(({ errors }) => errors), ...others],
      blockSizes,
    );
    return { rarity: middleOf(part), appearance, motion, pace };
  });
  return { frames, levels };
}

/** As many equal parts as are apart and large enough; undefined where that is one. */
function equalParts(placed: readonly Placed[]): Placed[][] | undefined {
  const most = Math.min(MOST_LEVELS, Math.floor(placed.length / FRAMES_A_LEVEL));
  for (let count = most; count >= 2; count--) {
    const size = Math.floor(placed.length / count);
    const parts = Array.from({ length: count }, (_, i) => placed.slice(i * size, (i + 1) * size));
    const middles = parts.map(middleOf);
    if (middles.every((middle, i) => i === 0 || middle - middles[i - 1]! >= CLOSEST)) return parts;
  }
  return undefined;
}

const middleOf = (part: readonly Placed[]): number => part[Math.floor(part.length / 2)]!.rarity;

/** The frames of a stretch with a known recent rarity. */
function afterOthers(errors: readonly CellErrors[], recent: RecentRarity): Placed[] {
  const placed: Placed[] = [];
  for (const frame of errors) {
    if (recent.value !== undefined) placed.push({ rarity: recent.value, errors: frame });
    recent.push(frame);
  }
  return placed;
}

/** A number of things, spread evenly. */
const thinned = <T>(things: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, i) => things[Math.floor((i * things.length) / count)]!);
