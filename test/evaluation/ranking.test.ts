import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areaUnderRoc,
  averagePrecision,
  equalErrorRate,
  rankingCurve,
  rocAuc,
} from '../../src/evaluation/ranking.ts';

const samples = fc.array(
  fc.record({ score: fc.integer({ min: -9, max: 9 }), label: fc.integer({ min: 0, max: 1 }) }),
  { maxLength: 60 },
);

describe('ROC AUC', () => {
  it('counts ordered pairs, ties by half', () => {
    expect(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(rocAuc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(rocAuc([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(rocAuc([5, 5, 5], [0, 1, 1])).toBe(0.5);
    expect(rocAuc([1, 2, 2, 3], [0, 0, 1, 1])).toBe(0.875); // 3.5 of 4 pairs
  });

  it('agrees with counting the pairs', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const auc = rocAuc(
          all.map(({ score }) => score),
          all.map(({ label }) => label),
        );
        const positives = all.filter(({ label }) => label === 1);
        const negatives = all.filter(({ label }) => label === 0);
        let won = 0;
        for (const p of positives)
          for (const n of negatives) won += p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0;
        if (positives.length * negatives.length === 0) expect(auc).toBeNull();
        else expect(auc).toBeCloseTo(won / (positives.length * negatives.length), 12);
      }),
    );
  });

  it('counts weights as that many samples', () => {
    const weighted = rankingCurve([1, 2, 3], [0, 2, 1], [3, 1, 0]);
    const plain = rocAuc([1, 1, 1, 2, 2, 2, 3], [0, 0, 0, 0, 1, 1, 1]);
    expect(areaUnderRoc(weighted)).toBeCloseTo(plain!, 12);
  });
});

describe('average precision', () => {
  it('is the precision at each step of recall', () => {
    // By hand: 0.8 is right (1/1), then 0.4 wrong, then 0.35 right (2/3).
    expect(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  it('takes equal scores as one step, in whatever order they come', () => {
    expect(averagePrecision([5, 5, 5, 5], [1, 0, 0, 0])).toBe(0.25);
    expect(averagePrecision([5, 5, 5, 5], [0, 0, 0, 1])).toBe(0.25);
  });
});

describe('equal error rate', () => {
  it('is 0 for a perfect ranking and 1 for its reverse', () => {
    expect(equalErrorRate([1, 2, 3, 4], [0, 0, 1, 1])).toBe(0);
    expect(equalErrorRate([4, 3, 2, 1], [0, 0, 1, 1])).toBe(1);
  });

  it('lies between the points of the curve', () => {
    // Points (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1): misses and false alarms meet at 0.5.
    expect(equalErrorRate([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.5);
    // One step from (0, 0) to (1, 1).
    expect(equalErrorRate([5, 5, 5], [0, 1, 1])).toBe(0.5);
    // Points (0, 2/3), (1, 1): on the line between them 1 - (2/3 + f/3) = f at f = 1/4.
    expect(equalErrorRate([3, 3, 1, 1], [1, 1, 1, 0])).toBeCloseTo(0.25, 12);
  });
});

describe('every ranking figure', () => {
  const figures = { rocAuc, averagePrecision, equalErrorRate };

  it.each(Object.entries(figures))('%s: NaN throws, one class is null', (_, figure) => {
    expect(() => figure([1, Number.NaN, 0], [0, 1, 1])).toThrow('NaN');
    expect(() => figure([1, 2], [0])).toThrow('2 scores');
    expect(figure([1, 2], [1, 1])).toBeNull();
    expect(figure([1, 2], [0, 0])).toBeNull();
    expect(figure([], [])).toBeNull();
  });

  it.each(Object.entries(figures))('%s: only the order counts', (_, figure) => {
    fc.assert(
      fc.property(samples, fc.infiniteStream(fc.nat()), (all, keys) => {
        const of = (list: typeof all, map = (score: number) => score) =>
          figure(
            list.map(({ score }) => map(score)),
            list.map(({ label }) => label),
          );
        const value = of(all);
        expect(of(all, (score) => Math.exp(score / 3) - 7)).toBe(value);
        const shuffled = all
          .map((sample) => ({ sample, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ sample }) => sample);
        expect(of(shuffled)).toBe(value);
      }),
    );
  });
});
