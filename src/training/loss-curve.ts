import type { HistoryPoint } from '../detector/model-file.ts';
import type { HeldOutFigures } from './validator.ts';

/** Loss curves; each point is the mean since the previous one. */
export class LossCurve {
  readonly points: HistoryPoint[];
  #sums: Record<string, number> = {};
  #count = 0;

  constructor(points: readonly HistoryPoint[]) {
    this.points = [...points];
  }

  add(losses: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(losses))
      this.#sums[name] = (this.#sums[name] ?? 0) + value;
    this.#count += 1;
  }

  close(step: number, samples: number, seconds: number, looked: HeldOutFigures | null): void {
    const training = Object.fromEntries(
      Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#count]),
    );
    const validation = looked?.validation ?? null;
    const inner = looked ? { inner: looked.inner } : {};
    this.points.push({ step, samples, seconds, training, validation, ...inner });
    this.#sums = {};
    this.#count = 0;
  }
}
