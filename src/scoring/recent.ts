import { type CellErrors, maximumBlockDecibels } from './blocks.ts';
import { interpolatedSpread, rarity } from './rarity.ts';
import {
  type BranchStatistics,
  type NormalStatistics,
  type RecentLevel,
  type RecentStatistics,
  scoredKinds,
} from './statistics.ts';

/** Limits on a frame's rarity, so that no single moment dominates the mean. */
const LEAST = -1;
const MOST = 3;

/** Share of the time constant after which the mean is used. */
const KNOWN = 1 / 3;

/** Steps between two levels; statistics are interpolated again when the mean moves by one. */
const STEPS = 32;

/**
 * Maps that show how much moved, the best first. The appearance error follows the light, which differs from
 * day to day, so that levels of one day would be wrong on the next.
 */
const telling = ['pace', 'motion', 'appearance'] as const satisfies (typeof scoredKinds)[number][];

/** Exponential mean of the motion's rarity over the frames of a stream. */
export class RecentRarity {
  readonly #normal: NormalStatistics;
  readonly #share: number;
  #sum = 0;
  #weight = 0;

  /**
   * @param normal statistics of all normal footage
   * @param frames time constant
   */
  constructor(normal: NormalStatistics, frames: number) {
    this.#normal = normal;
    this.#share = 1 / frames;
  }

  /** Undefined until enough frames were pushed. */
  get value(): number | undefined {
    return this.#weight < 1 - Math.exp(-KNOWN) ? undefined : this.#sum / this.#weight;
  }

  push(errors: CellErrors): void {
    const kind = telling.find((map) => this.#normal[map] && errors[map]);
    if (!kind) return;
    const { size, ...spread } = this.#normal[kind]!.blocks[0]!;
    const value = rarity(spread, maximumBlockDecibels(errors[kind]!, errors.grid, size));
    this.#sum += this.#share * (Math.min(MOST, Math.max(LEAST, value)) - this.#sum);
    this.#weight += this.#share * (1 - this.#weight);
  }
}

/**
 * Statistics for the next frame of a stream, given the frames before it: what is ordinary in a busy room at
 * noon is rare in an empty one at night. Without levels, and until enough frames were seen, these are the
 * statistics of all normal footage.
 */
export class CurrentStatistics {
  readonly #normal: NormalStatistics;
  readonly #recent: RecentStatistics | undefined;
  readonly #rarity: RecentRarity | undefined;
  #at: number | undefined;
  #current: NormalStatistics;

  constructor(normal: NormalStatistics) {
    const { recent, ...overall } = normal;
    this.#normal = overall;
    this.#recent = recent;
    this.#rarity = recent && new RecentRarity(overall, recent.frames);
    this.#current = overall;
  }

  get value(): NormalStatistics {
    return this.#current;
  }

  push(errors: CellErrors): void {
    if (!this.#recent || !this.#rarity) return;
    this.#rarity.push(errors);
    const value = this.#rarity.value;
    if (value === undefined) return;
    const at = Math.round(STEPS * positionAmong(this.#recent.levels, value));
    if (at === this.#at) return;
    this.#at = at;
    this.#current = { ...this.#normal, ...between(this.#recent.levels, at / STEPS) };
  }
}

/** Fractional index of a rarity among the levels, from 0 to that of the last. */
function positionAmong(levels: readonly RecentLevel[], value: number): number {
  const upper = levels.findIndex((level) => level.rarity > value);
  if (upper < 0) return levels.length - 1;
  if (upper === 0) return 0;
  const [from, to] = [levels[upper - 1]!.rarity, levels[upper]!.rarity];
  return upper - 1 + (value - from) / (to - from);
}

/** Statistics at a fractional index, interpolated between two levels. */
function between(
  levels: readonly RecentLevel[],
  position: number,
): Omit<NormalStatistics, 'frames'> {
  const lower = Math.min(Math.floor(position), levels.length - 2);
  const share = position - lower;
  const maps: Partial<Record<(typeof scoredKinds)[number], BranchStatistics>> = {};
  for (const kind of scoredKinds) {
    const [from, to] = [levels[lower]![kind], levels[lower + 1]![kind]];
    if (!from || !to) continue;
    const blocks = from.blocks.map(({ size, ...spread }, i) => {
      const { size: _, ...other } = to.blocks[i]!;
      return { size, ...interpolatedSpread(spread, other, share) };
    });
    maps[kind] = { blocks };
  }
  return maps;
}
