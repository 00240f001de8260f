import { median } from './quantile.ts';

/** One figure of two sets of runs. */
export interface Comparison {
  readonly figure: string;
  /** Medians over the runs. */
  readonly before: number;
  readonly now: number;
  /** `now / before`, of the medians, and its extremes over all pairs of runs. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

export type Run = Readonly<Record<string, unknown>>;

/** Every figure that both sets of runs have, with the spread of its ratio. */
export function compareRuns(before: readonly Run[], now: readonly Run[]): Comparison[] {
  return Object.keys(now[0] ?? {}).flatMap((figure) => {
    const [b, n] = [before, now].map((runs) => numbersOf(runs, figure)) as [number[], number[]];
    if (b.length === 0 || n.length === 0) return [];
    return {
      figure,
      before: median(b),
      now: median(n),
      ratio: median(n) / median(b),
      lowest: Math.min(...n) / Math.max(...b),
      highest: Math.max(...n) / Math.min(...b),
    };
  });
}

const numbersOf = (runs: readonly Run[], figure: string): number[] =>
  runs
    .map((run) => run[figure])
    .filter((value) => typeof value === 'number' && value > 0) as number[];
