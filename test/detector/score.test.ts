import { describe, expect, test } from 'vitest';
import type { ScoredFrame } from '../../src/detector/frame-scorer.ts';
import { scoreSource } from '../../src/detector/score.ts';
import { UserError } from '../../src/errors.ts';
import type { CellErrors } from '../../src/scoring/blocks.ts';
import type { Calibration } from '../../src/scoring/calibration.ts';
import type { Frame, VideoSource } from '../../src/video/frame.ts';

const grid = { width: 4, height: 2 };
const clipLength = 4;

// At -40 dB the rarity is ln 10 - 1, and a dB more adds 1.
const spread = { quantiles: Array.from({ length: 10 }, (_, i) => i - 49), tail: 1 };
const ordinary = Math.log(10) - 1;
const calibration: Calibration = {
  scoring: { blockSizes: [1], window: 1, combination: 'largest', regionLevel: 5 },
  statistics: {
    frames: 100,
    appearance: { blocks: [{ size: 1, ...spread }] },
  },
  threshold: {
    threshold: 5,
    budgetPerHour: 1,
    expectedAlarmsPerHour: 0.1,
    confidence: 0.95,
    heldOutHours: 1,
    episodes: 30,
    level: 3,
    meanExcess: 0.5,
    meanExcessBound: 0.8,
  },
};

/** A video whose frames carry the error of their second cell in tenths of a decibel above the last quantile. */
function video(
  tenths: readonly number[],
  corrupt: readonly number[] = [],
  gaps: readonly number[] = [],
) {
  const read: number[] = [];
  const source: VideoSource = {
    name: 'invented.mp4',
    source: { width: 80, height: 30 },
    format: { width: 32, height: 16, channels: 1 },
    fps: 2,
    expectedFrames: tenths.length,
    async *[Symbol.asyncIterator](): AsyncGenerator<Frame> {
      for (const [index, value] of tenths.entries()) {
        read.push(index);
        const data = Uint8Array.of(value);
        const stretch = gaps.filter((gap) => gap <= index).length;
        yield { index, time: index / 2, stretch, data, corrupt: corrupt.includes(index) };
      }
    },
  };
  return { source, read };
}

/** Stands in for a detector that gives the errors of `batch` frames together. */
function detector(batch: number) {
  return {
    clipLength,
    async *errors(frames: AsyncIterable<Uint8Array>): AsyncGenerator<CellErrors | undefined> {
      let seen = 0;
      let together: CellErrors[] = [];
      for await (const frame of frames) {
        if (++seen < clipLength) {
          yield undefined;
          continue;
        }
        const appearance = new Float32Array(8).fill(1e-6);
        appearance[1] = 10 ** ((-40 + frame[0]! / 10) / 10);
        together.push({ grid, appearance });
        if (together.length === batch) {
          yield* together;
          together = [];
        }
      }
      yield* together;
    },
  };
}

async function scored(
  tenths: readonly number[],
  batch: number,
  corrupt?: readonly number[],
  gaps?: readonly number[],
) {
  const frames: ScoredFrame[] = [];
  const { source } = video(tenths, corrupt, gaps);
  for await (const frame of scoreSource(detector(batch), calibration, source)) frames.push(frame);
  return frames;
}

describe('scoring a source', () => {
  const tenths = [0, 0, 0, 80, 0, 0, 0, 0, 0, 0];

  test.each([1, 3, 16])(
    'gives each frame one result, in order, with batches of %d',
    async (batch) => {
      const frames = await scored(tenths, batch);
      expect(frames.map(({ frame }) => frame)).toEqual(tenths.map((_, i) => i));
      expect(frames.map(({ time }) => time)).toEqual(tenths.map((_, i) => i / 2));
      expect(frames[3]!.score).toBeCloseTo(8 + ordinary, 1);
      expect(frames[4]!.score).toBeCloseTo(ordinary, 1);
      for (const { score, appearance, motion } of frames) {
        expect(motion).toBe(0);
        expect(score).toBe(appearance);
      }
    },
  );

  test('gives the warm-up the first computed score, but no alarm', async () => {
    const frames = await scored(tenths, 3);
    for (const early of frames.slice(0, 3)) {
      expect(early.score).toBe(frames[3]!.score);
      expect(early.alarm).toBe(false);
    }
    // Two seconds at two frames a second are held.
    expect(frames.map(({ alarm }) => Number(alarm)).join('')).toBe('0001111000');
  });

  test('gives regions in pixels of the source', async () => {
    const [, , , frame, next] = await scored(tenths, 1);
    expect(frame!.regions).toEqual([
      { x: 20, y: 0, width: 20, height: 15, score: expect.closeTo(8 + ordinary, 1) },
    ]);
    expect(next!.regions).toEqual([]);
  });

  test('tells which frames stand in for corrupt ones', async () => {
    const frames = await scored(tenths, 3, [2, 7]);
    expect(frames.filter(({ corrupt }) => corrupt).map(({ frame }) => frame)).toEqual([2, 7]);
  });

  test('begins again after a gap, with a warm-up, and without the alarm before it', async () => {
    // A frame of the warm-up would be an alarm; the stretch from 10 is shorter than one.
    const frames = await scored([0, 0, 0, 0, 80, 80, 0, 0, 10, 0, 80, 80], 3, [], [5, 10]);
    expect(frames.map(({ frame }) => frame)).toEqual([...Array(12).keys()]);
    expect(frames.map(({ alarm }) => Number(alarm)).join('')).toBe('000010000000');
    expect(frames.map(({ warmUp }) => Number(warmUp)).join('')).toBe('111001110011');
    for (const early of frames.slice(5, 8)) expect(early.score).toBe(frames[8]!.score);
    expect(frames[8]!.score).toBeCloseTo(1 + ordinary, 1);
    for (const late of frames.slice(10)) expect(late.score).toBe(frames[9]!.score);
  });

  test('waits for a stretch that is long enough', async () => {
    const frames = await scored([0, 0, 0, 0, 0, 10], 1, [], [2]);
    expect(frames.map(({ frame }) => frame)).toEqual([...Array(6).keys()]);
    for (const { score } of frames) expect(score).toBe(frames[5]!.score);
    await expect(scored([0, 0, 0, 0], 1, [], [2])).rejects.toThrow('has 4 frames');
  });

  test('reads no further than it must before it gives a result', async () => {
    const { source, read } = video(tenths);
    const results = scoreSource(detector(1), calibration, source);
    await results.next();
    expect(read).toEqual([0, 1, 2, 3]);
    await results.return(undefined);
  });

  test('refuses a video that is shorter than a clip', async () => {
    await expect(scored([0, 0, 0], 1)).rejects.toThrow(
      new UserError('invented.mp4: has 3 frames, the model needs at least 4; use longer footage'),
    );
  });
});
