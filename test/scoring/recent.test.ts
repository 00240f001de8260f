import { describe, expect, test } from 'vitest';
import { Random } from '../../src/nn/random.ts';
import { calibrate } from '../../src/scoring/calibration.ts';
import { rarity } from '../../src/scoring/rarity.ts';
import { CurrentStatistics, RecentRarity } from '../../src/scoring/recent.ts';
import { StreamScorer, scoreClip } from '../../src/scoring/score.ts';
import { normalStatistics, statisticsOf } from '../../src/scoring/statistics.ts';

const grid = { width: 4, height: 4 };
const fps = 5;
const hour = 3600 * fps;

/** Frames of a scene whose errors lie about a level in dB, with some noise. */
function frames(count: number, level: number, seed = `${level}`) {
  const random = new Random(seed);
  const map = () => new Float32Array(16).fill(10 ** ((level + random.normal()) / 10));
  return Array.from({ length: count }, () => ({ grid, appearance: map(), motion: map() }));
}

/** Two quiet and two busy hours, whose errors are ten times as large. */
const night = frames(hour / 2, -30, 'night');
const day = frames(hour / 2, -20, 'day');
const stretches = [night, day].map((errors) => ({ errors, fps }));
const calibrated = calibrate(stretches);

const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;
const scoresOf = (errors: ReturnType<typeof frames>) =>
  scoreClip(errors, calibrated.statistics, calibrated.scoring).map(({ score }) => score);

describe('what is normal given the last minutes', () => {
  test('are levels of rising rarity, which model.json keeps', () => {
    const { recent } = calibrated.statistics;
    expect(recent!.frames).toBe(15 * 60 * fps);
    expect(recent!.levels.length).toBeGreaterThan(1);
    expect(normalStatistics.parse(JSON.parse(JSON.stringify(calibrated.statistics)))).toEqual(
      JSON.parse(JSON.stringify(calibrated.statistics)),
    );
  });

  test('makes a quiet hour and a busy one score more alike', () => {
    const { recent: _, ...overall } = calibrated.statistics;
    const apart = (statistics: typeof calibrated.statistics) => {
      const [quiet, busy] = [-30, -20].map((level) => {
        const scored = scoreClip(frames(hour / 4, level), statistics, calibrated.scoring);
        return medianOf(scored.slice(hour / 8).map(({ score }) => score));
      });
      return busy! - quiet!;
    };
    expect(apart(calibrated.statistics)).toBeLessThan(0.75 * apart(overall));
  });

  test('finds at night what is ordinary by day', () => {
    const odd = frames(50, -20, 'odd');
    const at = (before: ReturnType<typeof frames>) =>
      Math.max(...scoresOf([...before, ...odd]).slice(-50));
    expect(at(frames(hour / 4, -30))).toBeGreaterThan(at(frames(hour / 4, -20)) + 2);
  });

  test('goes by frames before, not by the one that is scored', () => {
    const scorer = new StreamScorer(calibrated.statistics, calibrated.scoring);
    for (const errors of frames(hour / 4, -30)) scorer.push(errors);
    const before = scorer.statistics;
    const [odd] = frames(1, -5);
    const { raw } = scorer.push(odd!);
    const { size: _, ...spread } = before.appearance!.blocks[0]!;
    expect(raw).toBeGreaterThan(rarity(spread, -7) - 1);
  });

  test('is what is normal over all until a third of the time constant was seen, and after breaks what it was', () => {
    const scorer = new StreamScorer(calibrated.statistics, calibrated.scoring);
    const { recent: _, ...overall } = calibrated.statistics;
    for (const errors of frames(299 * fps, -30)) scorer.push(errors);
    expect(scorer.statistics).toEqual(overall);
    for (const errors of frames(2 * fps, -30)) scorer.push(errors);
    const { statistics } = scorer;
    expect(statistics).not.toEqual(overall);
    scorer.interrupt();
    expect(scorer.statistics).toBe(statistics);
  });

  test('goes by the motion, whatever the light does to the appearance', () => {
    const after = (errors: ReturnType<typeof frames>) => {
      const current = new CurrentStatistics(calibrated.statistics);
      for (const frame of errors) current.push(frame);
      return current.value;
    };
    const quiet = frames(hour / 4, -30);
    const bright = frames(hour / 4, -20).map(({ appearance }, i) => ({ ...quiet[i]!, appearance }));
    expect(after(bright)).toEqual(after(quiet));
    expect(after(bright)).not.toEqual(after(frames(hour / 4, -20)));
  });

  test('is interpolated between two levels', () => {
    const { levels, frames: constant } = calibrated.statistics.recent!;
    const current = new CurrentStatistics(calibrated.statistics);
    const recent = new RecentRarity(calibrated.statistics, constant);
    for (const errors of [...frames(hour / 4, -30), ...frames(300 * fps, -20)]) {
      current.push(errors);
      recent.push(errors);
    }
    const at = levels.findIndex(({ rarity: level }) => level > recent.value!);
    expect(at).toBeGreaterThan(0);
    const medians = [levels[at - 1]!, current.value, levels[at]!].map(
      ({ appearance }) => appearance!.blocks[0]!.quantiles[5]!,
    );
    expect(medians[1]).toBeGreaterThanOrEqual(medians[0]!);
    expect(medians[1]).toBeLessThanOrEqual(medians[2]!);
  });

  test('is the same over all where there is too little footage, or it is all alike', () => {
    expect(calibrate([{ errors: night.slice(0, 3000), fps }]).statistics.recent).toBeUndefined();
    const still = Array.from({ length: hour / 2 }, () => night[0]!);
    expect(calibrate([{ errors: still, fps }]).statistics.recent).toBeUndefined();
    const overall = statisticsOf(night.slice(0, 100), [2, 4]);
    expect(new CurrentStatistics(overall).value).toEqual(overall);
  });
});
