import { describe, expect, it } from 'vitest';
import { chiSquareQuantile } from '../../src/scoring/chi-square.ts';

describe('chi-square quantile', () => {
  // Published tables (Abramowitz & Stegun, table 26.8).
  it.each([
    [0.95, 1, 3.84146],
    [0.95, 2, 5.99146],
    [0.05, 2, 0.102587],
    [0.05, 10, 3.9403],
    [0.95, 10, 18.307],
    [0.95, 30, 43.773],
    [0.05, 100, 77.9295],
    [0.95, 100, 124.342],
  ])('of %d with %d degrees is %d', (probability, freedom, value) => {
    expect(chiSquareQuantile(probability, freedom) / value).toBeCloseTo(1, 5);
  });

  it('has a closed form with two degrees', () => {
    for (const p of [1e-6, 0.2, 0.5, 0.999])
      expect(chiSquareQuantile(p, 2) / (-2 * Math.log1p(-p))).toBeCloseTo(1, 9);
  });

  it('nears the normal distribution with many degrees', () => {
    // Wilson and Hilferty's approximation is good to 1e-6 here.
    const n = 5000;
    const wilsonHilferty = n * (1 - 2 / (9 * n) + 1.6448536269514722 * Math.sqrt(2 / (9 * n))) ** 3;
    expect(chiSquareQuantile(0.95, n) / wilsonHilferty).toBeCloseTo(1, 5);
  });

  it('refuses what has no quantile', () => {
    expect(() => chiSquareQuantile(1, 2)).toThrow('quantile of 1');
    expect(() => chiSquareQuantile(0.5, 0)).toThrow('0 degrees');
  });
});
