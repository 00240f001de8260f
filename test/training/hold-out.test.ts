import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { holdOut } from '../../src/training/hold-out.ts';

const clips = (...frames: number[]) =>
  frames.map((count, i) => ({ path: `clip${i}`, frames: count }));

describe('holding footage out', () => {
  it('takes whole clips, evenly spread, where there are many', () => {
    const { training, heldOut } = holdOut(clips(...new Array(16).fill(100)), 0.125, 18);
    expect(heldOut).toEqual([
      { clip: 4, start: 0, end: 100 },
      { clip: 12, start: 0, end: 100 },
    ]);
    expect(training).toHaveLength(14);
  });

  it('takes of few clips the whole one whose length is nearest to the share', () => {
    const { training, heldOut } = holdOut(clips(400, 90, 230, 300), 0.2, 18);
    expect(heldOut).toEqual([{ clip: 2, start: 0, end: 230 }]);
    expect(training.map(({ clip }) => clip)).toEqual([0, 1, 3]);
    expect(holdOut(clips(100, 100), 0.2, 18).heldOut).toEqual([{ clip: 0, start: 0, end: 100 }]);
  });

  it('takes a piece of one long clip', () => {
    const { training, heldOut } = holdOut(clips(800), 0.125, 18);
    expect(heldOut).toEqual([{ clip: 0, start: 400, end: 500 }]);
    expect(training.map(({ start }) => start)).toEqual([0, 100, 200, 300, 500, 600, 700]);
  });

  it('divides pieces at gaps, and leaves out what is too short', () => {
    const gapped = [{ path: 'clip', frames: 800, gaps: [150, 690, 700] }];
    const { training, heldOut } = holdOut(gapped, 0.125, 18);
    const pieces = [...training, ...heldOut].sort((a, b) => a.start - b.start);
    expect(pieces.map(({ start, end }) => [start, end])).toEqual([
      ...[
        [0, 100],
        [100, 150],
        [150, 200],
        [200, 300],
        [300, 400],
      ],
      ...[
        [400, 500],
        [500, 600],
        [600, 690],
        [700, 800],
      ],
    ]);
  });

  it('holds out a whole clip with all that lies between its gaps', () => {
    const gapped = [
      { path: 'a', frames: 400, gaps: [200] },
      { path: 'b', frames: 100, gaps: [50, 60] },
      { path: 'c', frames: 400 },
      { path: 'd', frames: 30, gaps: [15] },
    ];
    const { training, heldOut } = holdOut(gapped, 0.1, 18);
    expect(heldOut).toEqual([
      { clip: 1, start: 0, end: 50 },
      { clip: 1, start: 60, end: 100 },
    ]);
    expect(training).toEqual([
      { clip: 0, start: 0, end: 200 },
      { clip: 0, start: 200, end: 400 },
      { clip: 2, start: 0, end: 400 },
    ]);
  });

  it('cuts the only clip that is not all gaps', () => {
    const broken = { path: 'a', frames: 40, gaps: [10, 20, 30] };
    const { training, heldOut } = holdOut([broken, { path: 'b', frames: 800 }], 0.125, 18);
    expect(heldOut).toEqual([{ clip: 1, start: 400, end: 500 }]);
    expect(training).toHaveLength(7);
    expect(() => holdOut([broken], 0.125, 18)).toThrow(
      /^a: has 40 frames with gaps in 3 places, too few .* at least 72 without a gap$/,
    );
  });

  it('gives every frame to one side, in pieces that hold a clip of the model', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 40, max: 400 }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0.02, max: 0.5, noNaN: true }),
        (frames, share) => {
          fc.pre(frames.length > 1 || frames[0]! >= 72);
          const { training, heldOut } = holdOut(clips(...frames), share, 18);
          expect(heldOut.length).toBeGreaterThan(0);
          expect(training.length).toBeGreaterThan(0);
          const covered = frames.map((count) => new Uint8Array(count));
          for (const { clip, start, end } of [...training, ...heldOut]) {
            expect(end - start).toBeGreaterThanOrEqual(18);
            for (let i = start; i < end; i++) covered[clip]![i]! += 1;
          }
          for (const clip of covered) expect(clip.every((times) => times === 1)).toBe(true);
        },
      ),
    );
  });

  it('names the clip that is shorter than the model needs', () => {
    expect(() => holdOut(clips(100, 17), 0.125, 18)).toThrow(UserError);
    expect(() => holdOut(clips(100, 17), 0.125, 18)).toThrow(/^clip1: has 17 frames.*at least 18/);
  });

  it('refuses footage too short to hold any of it out', () => {
    expect(() => holdOut(clips(71), 0.125, 18)).toThrow(/clip0: has 71 frames.*at least 72/);
    expect(() => holdOut(clips(72), 0.125, 18)).not.toThrow();
  });
});
