import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterWarmUp,
  centredGaussian,
  minMax,
  protocols,
  type ScoredClip,
} from '../../src/evaluation/protocols.ts';

function clip(
  labels: number[] | undefined,
  score: number[],
  changes: Partial<ScoredClip> = {},
): ScoredClip {
  const raw = score.map((s) => -s);
  const paper = { paperScore: score, paperPaceScore: undefined };
  return { name: 'clip', fps: 10, labels, score, raw, ...paper, warmUp: 0, ...changes };
}

describe('protocols', () => {
  it('micro ranks all frames together, macro averages clips that have both classes', () => {
    const { live, raw } = protocols([
      clip([0, 0, 1, 1], [1, 2, 3, 4]),
      clip([0, 0, 1, 1], [14, 13, 12, 11]),
      clip([1, 1], [0, 0]),
    ]);
    expect(live.macroAuc).toBe(0.5);
    // Positives 3 4 12 11 0 0 over negatives 1 2 14 13: 2 + 2 + 2 + 2 + 0 + 0 of 24 pairs.
    expect(live.microAuc).toBeCloseTo(8 / 24, 12);
    expect(raw.microAuc).toBeCloseTo(16 / 24, 12);
    expect(live.eer).not.toBeNull();
    expect(live.averagePrecision).not.toBeNull();
  });

  it('paper normalises within each clip, so a clip may be offset and scaled', () => {
    const labels = Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : 1));
    const { live, paper, paperWholeSet } = protocols([
      clip(labels, labels),
      clip(
        labels,
        labels.map((label) => 100 + 7 * label),
      ),
    ]);
    expect(live.microAuc).toBe(0.75);
    expect(paper.microAuc).toBe(1);
    // Over the whole set the offset stays.
    expect(paperWholeSet.microAuc).toBeCloseTo(0.75, 1);
    expect(paperWholeSet.macroAuc).toBe(1);
  });

  it('takes the pace head into the paper score apart, and has nothing of a model without one', () => {
    const labels = [0, 0, 1, 1];
    const score = [1, 2, 3, 4];
    const { paper, paperPace } = protocols([
      clip(labels, score, { paperPaceScore: score.toReversed() }),
    ]);
    expect([paper.microAuc, paperPace.microAuc]).toEqual([1, 0]);
    expect(protocols([clip(labels, score)]).paperPace.microAuc).toBeNull();
  });

  it('counts the frames of the warm-up apart', () => {
    const clips = [
      clip([1, 0, 0, 1], [1, 1, 2, 3], { warmUp: 1 }),
      clip([0, 0, 1], [0, 0, 4], { warmUp: 1 }),
      clip(undefined, [9, 9], { warmUp: 1 }),
    ];
    const { frames, liveWithout } = afterWarmUp(clips);
    expect(frames).toBe(3);
    expect(liveWithout.microAuc).toBe(1);
    expect(protocols(clips).live.microAuc).toBeLessThan(1);
    const without = [clip([0, 0, 1], [1, 2, 3]), clip([0, 1], [0, 4])];
    expect(liveWithout).toEqual(protocols(without).live);
  });

  it('counts the warm-up after a gap too, of a stretch that is shorter than it as well', () => {
    const gaps = [3, 4];
    const { frames, liveWithout } = afterWarmUp([
      clip([1, 0, 0, 1, 1, 1, 0], [1, 1, 2, 0, 0, 3, 1], { warmUp: 1, gaps }),
    ]);
    expect(frames).toBe(3);
    expect(liveWithout).toEqual(protocols([clip([0, 0, 1, 0], [1, 2, 3, 1])]).live);
  });

  it('smooths across no gap', () => {
    const labels = Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 1));
    const whole = clip(labels, labels);
    expect([...centredGaussian(labels, [50])]).toEqual(labels);
    expect(centredGaussian(labels)[49]).toBeGreaterThan(0.4);
    for (const gaps of [undefined, [50]])
      expect(protocols([{ ...whole, gaps }]).paper.microAuc).toBe(1);
  });

  it('is null all through without labels, and leaves unlabelled clips out', () => {
    const nothing = { microAuc: null, macroAuc: null, averagePrecision: null, eer: null };
    expect(protocols([clip(undefined, [1, 2])])).toEqual({
      live: nothing,
      raw: nothing,
      paper: nothing,
      paperPace: nothing,
      paperWholeSet: nothing,
    });
    const labelled = clip([0, 1], [1, 2]);
    expect(protocols([labelled, clip(undefined, [9, 9])])).toEqual(protocols([labelled]));
  });

  it('refuses labels of another length', () => {
    expect(() => protocols([clip([0, 1, 1], [1, 2])])).toThrow('2 scores');
  });
});

describe('min-max', () => {
  it('scales to [0, 1], and a constant to 0', () => {
    expect([...minMax([2, 4, 3])]).toEqual([0, 1, 0.5]);
    expect([...minMax([7, 7])]).toEqual([0, 0]);
  });
});

describe('centred Gaussian', () => {
  it('has taps exp(-d^2 / 200) out to 40 frames', () => {
    const impulse = new Float64Array(201);
    impulse[100] = 1;
    const smooth = centredGaussian(impulse);
    let sum = 0;
    for (let d = -40; d <= 40; d++) sum += Math.exp(-(d ** 2) / 200);
    expect(smooth[100]).toBeCloseTo(1 / sum, 12);
    expect(smooth[115]).toBeCloseTo(Math.exp(-225 / 200) / sum, 12);
    expect(smooth[60]).toBeCloseTo(Math.exp(-8) / sum, 12);
    expect(smooth[59]).toBe(0);
  });

  it('keeps a constant to its ends, and turns with its series', () => {
    const series = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(series, (values) => {
        const turned = [...centredGaussian(values.toReversed())].reverse();
        for (const [i, value] of centredGaussian(values).entries()) {
          expect(turned[i]).toBeCloseTo(value, 9);
          expect(centredGaussian(values.map(() => 3))[i]).toBeCloseTo(3, 9);
        }
      }),
    );
  });
});
