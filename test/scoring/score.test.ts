import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CellErrors, decibels, psnr } from '../../src/scoring/blocks.ts';
import { rarity } from '../../src/scoring/rarity.ts';
import { StreamScorer, scoreClip } from '../../src/scoring/score.ts';
import { CausalBox } from '../../src/scoring/smoothing.ts';
import type { NormalStatistics } from '../../src/scoring/statistics.ts';
import { anyFrames, flatErrors } from './frames-of-errors.ts';

const spread = (from: number, tail: number) => ({
  quantiles: Array.from({ length: 10 }, (_, i) => from + i),
  tail,
});
const branch = {
  blocks: [
    { size: 2, ...spread(-30, 2) },
    { size: 4, ...spread(-15, 5) },
  ],
};
const statistics: NormalStatistics = {
  frames: 10,
  appearance: branch,
  motion: branch,
};
const withPace: NormalStatistics = { ...statistics, pace: branch };

/** The rarity that `statistics` give a map that is `error` everywhere. */
function flatRarity(error: number): number {
  const [small, large] = branch.blocks.map((normal) => rarity(normal, decibels(error)));
  return (small! + large!) / 2;
}

describe('score', () => {
  it('is the smoothed sum of both rarities, over a window that fills at the start', () => {
    const scorer = new StreamScorer(statistics, { window: 2, combination: 'sum' });
    const errors: [number, number][] = [
      [0.1, 0.01],
      [0.2, 0.02],
      [0.4, 0.03],
    ];
    const scores = errors.map(([a, m]) => scorer.push(flatErrors(a, m)));
    expect(scores[0]!.appearance).toBeCloseTo(flatRarity(0.1), 5);
    expect(scores[0]!.motion).toBeCloseTo(flatRarity(0.01), 4);
    expect(scores[1]!.appearance).toBeCloseTo((flatRarity(0.1) + flatRarity(0.2)) / 2, 5);
    expect(scores[2]!.appearance).toBeCloseTo((flatRarity(0.2) + flatRarity(0.4)) / 2, 5);
    expect(scores[2]!.score).toBe(scores[2]!.appearance + scores[2]!.motion);
    expect(scores[2]!.raw).toBeCloseTo(flatRarity(0.4) + flatRarity(0.03), 4);
  });

  it('is the larger of both rarities where these are combined by it, each smoothed by itself', () => {
    const scorer = new StreamScorer(withPace, { window: 2, combination: 'largest' });
    const push = (appearance: number, motion: number, pace: number) =>
      scorer.push({ ...flatErrors(appearance, motion), pace: new Float32Array(16).fill(pace) });
    push(0.4, 0.01, 0.02);
    const { appearance, motion, score, raw } = push(0.1, 0.3, 0.2);
    expect(appearance).toBeCloseTo((flatRarity(0.4) + flatRarity(0.1)) / 2, 4);
    expect(motion).toBeCloseTo((flatRarity(0.02) + flatRarity(0.3)) / 2, 4);
    expect(score).toBe(Math.max(appearance, motion));
    expect(raw).toBeCloseTo(flatRarity(0.3), 4);
  });

  it('is that of the decoder that is on, however usual the frame is', () => {
    const off = { frames: 10, appearance: branch };
    const scorer = new StreamScorer(off, { window: 1, combination: 'largest' });
    const score = scorer.push({ ...flatErrors(1e-4, 0), motion: undefined });
    expect(score.score).toBe(-1);
    expect(score.motion).toBe(0);
  });

  it('has the paper score: half the PSNR of each decoder, negated', () => {
    const { paperScore } = new StreamScorer(statistics, { window: 1, combination: 'sum' }).push(
      flatErrors(0.04, 0.4),
    );
    expect(paperScore).toBeCloseTo(-(psnr(0.04) + psnr(0.4)) / 2, 4);
    expect(paperScore).toBeCloseTo(-15, 2);
  });

  it('counts the pace to the motion, and not to the paper score', () => {
    const errors = { ...flatErrors(0.1, 0.2), pace: new Float32Array(16).fill(0.4) };
    const score = new StreamScorer(withPace, { window: 1, combination: 'sum' }).push(errors);
    const without = new StreamScorer(statistics, { window: 1, combination: 'sum' }).push(
      flatErrors(0.1, 0.2),
    );
    expect(score.appearance).toBe(without.appearance);
    expect(score.motion).toBeCloseTo(without.motion + flatRarity(0.4), 4);
    expect(score.paperScore).toBe(without.paperScore);
  });

  it('has the paper score with the pace head beside the one without', () => {
    const expectedMotion = new Float32Array(16).fill(0.01);
    const errors = { ...flatErrors(0.04, 0.4), expectedMotion };
    const scorer = new StreamScorer(statistics, { window: 1, combination: 'sum' });
    const { paperScore, paperPaceScore } = scorer.push(errors);
    expect(paperScore).toBeCloseTo(-(psnr(0.04) + psnr(0.4)) / 2, 4);
    expect(paperPaceScore).toBeCloseTo(-(psnr(0.04) + psnr(0.01)) / 2, 4);
    expect(scorer.push(flatErrors(0.04, 0.4)).paperPaceScore).toBeUndefined();
  });

  it('is made of the maps that there are statistics of, and of no others', () => {
    const expectedMotion = new Float32Array(16).fill(0.3);
    const errors = { ...flatErrors(0.1, 0.2), expectedMotion };
    const { appearance } = statistics;
    // The motion error of models of format 4.
    const expected = new StreamScorer(
      { frames: 10, appearance, expectedMotion: branch },
      { window: 1, combination: 'sum' },
    );
    expect(expected.push(errors).motion).toBeCloseTo(flatRarity(0.3), 4);
    const plain = new StreamScorer(statistics, { window: 1, combination: 'sum' });
    expect(plain.push(errors).motion).toBeCloseTo(flatRarity(0.2), 4);
    expect(() =>
      new StreamScorer(withPace, { window: 1, combination: 'sum' }).push(errors),
    ).toThrow('there are statistics of pace, but no errors');
  });

  it('counts a decoder that is off as 0', () => {
    const off = { frames: 10, appearance: branch };
    const scorer = new StreamScorer(off, { window: 1, combination: 'sum' });
    const score = scorer.push({ ...flatErrors(0.1, 0), motion: undefined });
    expect(score.motion).toBe(0);
    expect(score.score).toBe(score.appearance);
    expect(score.paperScore).toBeCloseTo(-psnr(0.1) / 2, 4);
  });

  it('gives a stream what it gives a clip, from any cut of it on', () => {
    fc.assert(
      fc.property(anyFrames, fc.integer({ min: 1, max: 12 }), (frames, window) => {
        const settings = { window, combination: 'largest' } as const;
        const clip = scoreClip(frames, withPace, settings);
        const scorer = new StreamScorer(withPace, settings);
        expect(frames.map((frame) => scorer.push(frame))).toEqual(clip);
        // Only the window's own frames matter: a stream joined later agrees once its window is full.
        if (frames.length <= window) return;
        const joined = scoreClip(frames.slice(1), withPace, settings);
        for (let i = window; i < frames.length; i++) {
          expect(joined[i - 1]!).toEqual(clip[i]!);
        }
      }),
    );
  });

  it('gives warm-up frames the first score and corrupt frames the score before', () => {
    const first = flatErrors(0.1, 0.1);
    const last = flatErrors(0.3, 0.3);
    const frames: (CellErrors | undefined)[] = [undefined, undefined, first, undefined, last];
    const scores = scoreClip(frames, statistics, { window: 1, combination: 'sum' });
    expect(scores.map(({ raw }) => raw)).toEqual([0, 0, 0, 0, 4].map((i) => scores[i]!.raw));
    expect(scores[4]!.raw).toBeGreaterThan(scores[3]!.raw);
    expect(scores[0]!.raw).toBeCloseTo(2 * flatRarity(0.1), 4);
    expect(() => scoreClip([undefined], statistics, { window: 1, combination: 'sum' })).toThrow(
      'no frame',
    );
  });

  it('has no score in a live warm-up', () => {
    expect(
      new StreamScorer(statistics, { window: 1, combination: 'sum' }).repeat(),
    ).toBeUndefined();
  });

  it('refuses errors that are NaN', () => {
    const scorer = new StreamScorer(statistics, { window: 1, combination: 'sum' });
    expect(() => scorer.push(flatErrors(0.1, Number.NaN))).toThrow('motion errors are not finite');
  });
});

describe('causal box', () => {
  it('refuses windows and vectors that make no sense', () => {
    expect(() => new CausalBox(0)).toThrow('window of 0');
    const box = new CausalBox(2);
    box.push([1, 2]);
    expect(() => box.push([1])).toThrow('1 values after 2');
  });

  it('keeps nothing older than the window', () => {
    const box = new CausalBox(3);
    const means = [1e15, 1, 2, 3, 4].map((value) => box.push([value])[0]!);
    expect(means.slice(3)).toEqual([2, 3]);
  });
});
