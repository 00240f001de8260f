import { expect, onTestFinished, test, vi } from 'vitest';
import { Revival } from '../../../src/service/process/revival.ts';

test('what was given up is started again, after growing waits, until it is stopped', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let starts = 0;
  const revival = new Revival(1000, () => void (starts += 1));
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const wait = revival.begin();
    waits.push(wait);
    vi.advanceTimersByTime(wait - 1);
    expect(starts).toBe(i);
    vi.advanceTimersByTime(1);
    expect(starts).toBe(i + 1);
  }
  for (const [i, wait] of waits.entries()) {
    const expected = Math.min(20_000, 1000 * 2 ** i);
    expect(wait).toBeGreaterThanOrEqual(0.75 * expected);
    expect(wait).toBeLessThanOrEqual(1.25 * expected);
  }
  revival.reset();
  expect(revival.begin()).toBeLessThanOrEqual(1250);
  revival.stop();
  revival.begin();
  vi.runAllTimers();
  expect(starts).toBe(8);
});
