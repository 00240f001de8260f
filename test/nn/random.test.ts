import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../src/nn/random.ts';

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length;

test('the same seed gives the same numbers, another seed others', () => {
  const numbers = (seed: string): number[] => {
    const random = new Random(seed);
    return draw(20, () => random.uniform());
  };
  expect(numbers('7:weight')).toEqual(numbers('7:weight'));
  expect(numbers('7:weight')).not.toEqual(numbers('8:weight'));
  expect(numbers('7:weight')).not.toEqual(numbers('7:bias'));
});

test('the numbers are the same on every machine and in every version', () => {
  const random = new Random('m2s2l');
  const drawn = draw(3, () => Math.round(random.uniform() * 2 ** 32));
  expect(drawn).toEqual([947980478, 2613949145, 4216523153]);
});

test('uniform numbers fill [0, 1) evenly', () => {
  const random = new Random('uniform');
  const numbers = draw(20_000, () => random.uniform());
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const tenths = new Array<number>(10).fill(0);
  for (const x of numbers) tenths[Math.floor(x * 10)]! += 1;
  // Five deviations of a binomial count around 2000.
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(215);
  const pairs = numbers.slice(1).map((x, i) => (x - 0.5) * (numbers[i]! - 0.5));
  expect(Math.abs(mean(pairs))).toBeLessThan(0.003);
});

test('normal numbers have mean 0, variance 1 and the tails of a normal', () => {
  const random = new Random('normal');
  const numbers = draw(20_000, () => random.normal());
  expect(numbers.every(Number.isFinite)).toBe(true);
  expect(Math.abs(mean(numbers))).toBeLessThan(0.035);
  expect(mean(numbers.map((x) => x * x))).toBeCloseTo(1, 1);
  const beyondTwo = numbers.filter((x) => Math.abs(x) > 2).length / numbers.length;
  expect(beyondTwo).toBeGreaterThan(0.0375);
  expect(beyondTwo).toBeLessThan(0.0535);
});

test('whole numbers below a size, all of them', () => {
  const random = new Random('below');
  const seen = new Set(draw(1000, () => random.below(7)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a permutation holds every place once', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(200), (seed, size) => {
      const order = new Random(seed).permutation(size);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      expect(new Random(seed).permutation(size)).toEqual(order);
    }),
  );
});

test('every order of three is about as likely', () => {
  const random = new Random('orders');
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = random.permutation(3).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
