import type { Light } from './light.ts';

export const lightNames = ['day', 'night'] as const;

/** Which of the two lights of a camera. Night is the one with less colour, or the darker one. */
export type LightName = (typeof lightNames)[number];

/** The two lights that a camera's footage has, along the measure that tells them apart. */
export interface LightClusters {
  readonly by: keyof Light;
  /** Middle of each. */
  readonly day: number;
  readonly night: number;
}

/** A piece of footage, of about a minute. */
export interface LitFootage {
  readonly light: Light;
  readonly seconds: number;
}

/** Distance of the middles from which two lights are two, colour first: infrared has none of it. */
const LEAST_DISTANCE = { saturation: 0.08, brightness: 0.25 } as const;

/** Share of the footage that may lie in the middle third between them: dusk is a slope, not a gap. */
const MOST_BETWEEN = 0.05;

/** Share of the footage that each must have. */
const LEAST_SHARE = 0.1;

/**
 * The two lights of some footage; undefined where it has one, where both run into each other, or where
 * one has too little footage to learn from.
 * @param leastSeconds that each must have
 */
export function lightClusters(
  footage: readonly LitFootage[],
  leastSeconds: number,
): LightClusters | undefined {
  const measures = ['saturation', 'brightness'] as const;
  for (const by of measures) {
    const found = splitBy(footage, by, leastSeconds);
    if (found) return found;
  }
  return undefined;
}

/** The light that a measure is nearer to. */
export const nearestLight = (clusters: LightClusters, light: Light): LightName =>
  dayShare(clusters, light) < 0.5 ? 'night' : 'day';

/** Where a light lies between night, 0, and day, 1. */
export const dayShare = ({ by, day, night }: LightClusters, light: Light): number =>
  (light[by] - night) / (day - night);

function splitBy(
  footage: readonly LitFootage[],
  by: keyof Light,
  leastSeconds: number,
): LightClusters | undefined {
  const sorted = footage
    .map(({ light, seconds }) => ({ value: light[by], seconds }))
    .sort((a, b) => a.value - b.value);
  const cut = bestCut(sorted);
  if (cut === undefined) return undefined;
  const [low, high] = [sorted.slice(0, cut), sorted.slice(cut)];
  const clusters = { by, night: meanOf(low), day: meanOf(high) };
  const distance = clusters.day - clusters.night;
  if (!(distance >= LEAST_DISTANCE[by])) return undefined;
  const total = secondsOf(sorted);
  const least = Math.max(leastSeconds, LEAST_SHARE * total);
  if (secondsOf(low) < least || secondsOf(high) < least) return undefined;
  const between = sorted.filter(({ value }) => {
    const share = (value - clusters.night) / distance;
    return share > 1 / 3 && share < 2 / 3;
  });
  return secondsOf(between) <= MOST_BETWEEN * total ? clusters : undefined;
}

interface Measured {
  readonly value: number;
  readonly seconds: number;
}

/** Where two parts differ most from each other and least within (Otsu 1979); undefined for fewer than two. */
function bestCut(sorted: readonly Measured[]): number | undefined {
  let best: number | undefined;
  let most = 0;
  const total = secondsOf(sorted);
  const sum = sorted.reduce((all, { value, seconds }) => all + value * seconds, 0);
  let [seconds, part] = [0, 0];
  for (let cut = 1; cut < sorted.length; cut++) {
    const before = sorted[cut - 1]!;
    seconds += before.seconds;
    part += before.value * before.seconds;
    if (seconds <= 0 || seconds >= total) continue;
    const difference = part / seconds - (sum - part) / (total - seconds);
    const between = seconds * (total - seconds) * difference * difference;
    if (between > most) [most, best] = [between, cut];
  }
  return best;
}

const secondsOf = (parts: readonly Measured[]): number =>
  parts.reduce((sum, { seconds }) => sum + seconds, 0);

const meanOf = (parts: readonly Measured[]): number =>
  parts.reduce((sum, { value, seconds }) => sum + value * seconds, 0) / secondsOf(parts);
