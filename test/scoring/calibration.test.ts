import { expect, test } from 'vitest';
import { Random } from '../../src/nn/random.ts';
import { mapMaximum } from '../../src/scoring/blocks.ts';
import { calibrate } from '../../src/scoring/calibration.ts';
import { scoreClip } from '../../src/scoring/score.ts';

/** Errors that rise and fall slowly, as those of footage do when somebody walks by. */
function heldOut(frames: number) {
  const random = new Random('held out');
  const grid = { width: 6, height: 5 };
  let level = 0;
  const map = () =>
    Float32Array.from({ length: 30 }, () => 0.001 * Math.exp(level + 0.3 * random.normal()));
  return Array.from({ length: frames }, () => {
    level = 0.97 * level + 0.25 * random.normal();
    return { grid, appearance: map(), motion: map(), pace: undefined };
  });
}

test('one held-out frame in a hundred has a region', () => {
  const errors = heldOut(1000);
  const { statistics, scoring } = calibrate([{ errors, fps: 10 }]);
  const peaks = scoreClip(errors, statistics, scoring).map(({ heatmap }) => mapMaximum(heatmap));
  const share = peaks.filter((peak) => peak > scoring.regionLevel).length / peaks.length;
  expect(scoring.regionLevel).toBeGreaterThan(1);
  expect(share).toBeGreaterThan(0.005);
  expect(share).toBeLessThanOrEqual(0.01);
});
