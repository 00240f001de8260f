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
