import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalisationMeter } from '../../src/evaluation/localisation.ts';
import { rocAuc } from '../../src/evaluation/ranking.ts';

/** A line of four cells of 2x2 pixels. */
const grid = { width: 4, height: 1 };
const size = { width: 8, height: 2 };

/** Marks whole cells. */
function cells(...marked: number[]): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => (marked.includes((i % 8) >> 1) ? 1 : 0));
}

function measure(frames: readonly [heatmap: number[], mask: Uint8Array][]) {
  const meter = new LocalisationMeter();
  meter.startClip();
  for (const [heatmap, mask] of frames) meter.push(Float32Array.from(heatmap), grid, mask, size);
  return meter.figures();
}

describe('pixel AUC', () => {
  it('is that of the heatmap brought to the size of the mask', () => {
    const odd = { width: 7, height: 5 }; // no multiple of the grid: cells have unlike numbers of pixels
    const sheet = { width: 3, height: 2 };
    const heat = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 6, maxLength: 6 });
    const truth = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 35, maxLength: 35 });
    fc.assert(
      fc.property(fc.array(fc.tuple(heat, truth), { minLength: 1, maxLength: 4 }), (frames) => {
        const meter = new LocalisationMeter();
        meter.startClip();
        const [scores, labels]: [number[], number[]] = [[], []];
        for (const [heatmap, mask] of frames) {
          meter.push(Float32Array.from(heatmap), sheet, Uint8Array.from(mask), odd);
          for (const [pixel, label] of mask.entries()) {
            const column = Math.floor(((pixel % 7) * 3) / 7);
            const row = Math.floor((Math.floor(pixel / 7) * 2) / 5);
            scores.push(heatmap[row * 3 + column]!);
            labels.push(label);
          }
        }
        const auc = rocAuc(scores, labels);
        const { pixelAuc } = meter.figures();
        if (auc === null) expect(pixelAuc).toBeNull();
        else expect(pixelAuc).toBeCloseTo(auc, 12);
      }),
    );
  });
});

describe('RBDC and TBDC', () => {
  it('are 1 where only the truth is hot', () => {
    const frames: [number[], Uint8Array][] = [
      [[0, 9, 0, 0], cells(1)],
      [[0, 0, 9, 0], cells(2)],
      [[0, 0, 0, 0], cells()],
    ];
    // The curve starts with everything found at no false detection.
    expect(measure(frames)).toEqual({ pixelAuc: 1, rbdc: 1, tbdc: 1 });
  });

  it('are the area under the curve, by hand', () => {
    // Level 9: frame 0 finds its region. Level 6: two false detections in four frames.
    // Level 3: frame 1 finds its region too. Level 0: whole lines, which overlap by a quarter.
    const frames: [number[], Uint8Array][] = [
      [[9, 0, 0, 0], cells(0)],
      [[0, 0, 0, 3], cells(3)],
      [[6, 0, 0, 0], cells()],
      [[0, 6, 0, 0], cells()],
    ];
    // Points (0, 1/2), (1/2, 1/2), (1/2, 1), then flat to 1.
    const { rbdc, tbdc } = measure(frames);
    expect(rbdc).toBeCloseTo(0.5 * 0.5 + 0.5 * 1, 12);
    expect(tbdc).toBeCloseTo(rbdc!, 12);
  });

  it('stop at one false detection a frame, on the line to the point beyond', () => {
    const frames: [number[], Uint8Array][] = [
      [[9, 0, 9, 0], cells()],
      [[5, 0, 9, 0], cells(0)],
    ];
    // Points (3/2, 0): past 1 with nothing found.
    expect(measure(frames)).toMatchObject({ rbdc: 0, tbdc: 0 });
  });

  describe('on a line of 16 cells, of which the first is the truth', () => {
    const line = { width: 16, height: 1 };
    const truth = Uint8Array.of(1, ...new Array<number>(15).fill(0));
    /** Clips of frames; each frame says how hot its first cells are, the rest is 0. */
    const regions = (...clips: number[][][]) => {
      const meter = new LocalisationMeter();
      for (const frames of clips) {
        meter.startClip();
        for (const hot of frames) {
          const heatmap = new Float32Array(16);
          heatmap.set(hot);
          meter.push(heatmap, line, truth, line);
        }
      }
      const { rbdc, tbdc } = meter.figures();
      return { rbdc, tbdc };
    };
    // At level 0 whole lines are hot: they overlap by a sixteenth, and are one false detection a frame.

    it('a region is found from an overlap of a tenth on', () => {
      expect(regions([new Array<number>(8).fill(9)])).toEqual({ rbdc: 1, tbdc: 1 });
      expect(regions([new Array<number>(12).fill(9)])).toEqual({ rbdc: 0, tbdc: 0 });
    });

    it('a track is found by a tenth of its regions', () => {
      const cold = (count: number) => Array.from({ length: count }, () => [0]);
      expect(regions([[9], ...cold(19)])).toEqual({ rbdc: 0.05, tbdc: 0 });
      expect(regions([[9], [9], ...cold(18)])).toEqual({ rbdc: 0.1, tbdc: 1 });
    });

    it('a track ends with its clip', () => {
      expect(regions([[9]], [[0]])).toEqual({ rbdc: 0.5, tbdc: 0.5 });
      expect(regions([[9], [0]])).toEqual({ rbdc: 0.5, tbdc: 1 });
    });

    it('the curve is cut at one false detection a frame', () => {
      // Level 9: (0, 1/2). Level 5: three false detections in two frames, (3/2, 1).
      const { rbdc } = regions([
        [9, 0, 0, 5, 0, 0, 5],
        [5, 0, 0, 5],
      ]);
      const atOne = 0.5 + 0.5 / 1.5;
      expect(rbdc).toBeCloseTo((0.5 + atOne) / 2, 12);
    });
  });

  it('are null without a region, and the pixels without a class', () => {
    expect(measure([[[1, 2, 3, 4], cells()]])).toEqual({ pixelAuc: null, rbdc: null, tbdc: null });
    expect(new LocalisationMeter().figures()).toEqual({ pixelAuc: null, rbdc: null, tbdc: null });
  });

  it('refuse what does not fit', () => {
    expect(() => measure([[[1, 2, 3], cells()]])).toThrow('3 cells');
    expect(() => measure([[[1, 2, 3, Number.NaN], cells()]])).toThrow('not finite');
    expect(() => measure([[[1, 2, 3, 4], new Uint8Array(3)]])).toThrow('3 pixels');
  });
});
