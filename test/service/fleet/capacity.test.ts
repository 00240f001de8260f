import { expect, test } from 'vitest';
import { Capacity } from '../../../src/service/fleet/capacity.ts';

test('of a worker that keeps up is what was measured', () => {
  const capacity = new Capacity(100);
  for (let i = 0; i < 50; i++) capacity.see({ expected: 40, scored: 39 });
  expect(capacity.framesPerSecond).toBeCloseTo(100);
});

test('of one that is slow in everything falls to what it does, and comes back', () => {
  const capacity = new Capacity(100);
  for (let i = 0; i < 20; i++) capacity.see({ expected: 40, scored: 10 });
  expect(capacity.framesPerSecond).toBeLessThan(11);
  expect(capacity.framesPerSecond).toBeGreaterThan(9);
  for (let i = 0; i < 60; i++) capacity.see({ expected: 10, scored: 10 });
  expect(capacity.framesPerSecond).toBeGreaterThan(99);
});
