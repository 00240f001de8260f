import { describe, expect, test } from 'vitest';
import { Detector } from '../../src/detector/detector.ts';
import { FrameQueue } from '../../src/detector/frame-queue.ts';
import type { ScoredFrame } from '../../src/detector/frame-scorer.ts';
import { LiveScoring } from '../../src/detector/live.ts';
import { scoreSource } from '../../src/detector/score.ts';
import type { Stream, StreamFrame } from '../../src/detector/stream.ts';
import type { CellErrors } from '../../src/scoring/blocks.ts';
import { calibrate } from '../../src/scoring/calibration.ts';
import type { Frame, VideoSource } from '../../src/video/frame.ts';
import { WHOLE } from '../model/small-models.ts';
import { livelyWeights } from './clip-errors.ts';
import { footage, gather, inOrder } from './footage.ts';

const grid = { width: 2, height: 2 };
const errorsOf = (value: number): CellErrors => ({
  grid,
  appearance: new Float32Array(4).fill(value),
  motion: undefined,
  pace: undefined,
});
const calibration = calibrate([{ errors: [1e-3, 2e-3, 3e-3].map(errorsOf), fps: 10 }]);

/** Lets everything go on that does not wait for the test. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A detector whose steps end when the test says so. */
class HandDetector {
  readonly turns: (readonly StreamFrame[])[] = [];
  #end: ((error?: Error) => void) | undefined;

  open(): Stream {
    return {} as Stream;
  }

  step(frames: readonly StreamFrame[]): Promise<(CellErrors | undefined)[]> {
    this.turns.push(frames);
    return new Promise((resolve, reject) => {
      this.#end = (error) =>
        error ? reject(error) : resolve(frames.map(({ frame }) => errorsOf(1e-3 * frame[0]!)));
    });
  }

  async end(error?: Error): Promise<void> {
    this.#end!(error);
    await settle();
  }
}

/** A camera whose frames come when the test says so; frame `i` is the byte `i`. */
class HandCamera implements VideoSource {
  readonly name = 'camera';
  readonly source = { width: 16, height: 16 };
  readonly format = { width: 16, height: 16, channels: 1 } as const;
  readonly fps = 10;
  readonly expectedFrames = undefined;
  #index = 0;
  #next = Promise.withResolvers<Frame | undefined>();

  /** The next frame comes, or the end, or a fault. */
  async give(what?: 'end' | Error): Promise<void> {
    const now = this.#next;
    this.#next = Promise.withResolvers();
    const index = this.#index++;
    if (what instanceof Error) now.reject(what);
    else if (what === 'end') now.resolve(undefined);
    else now.resolve({ index, time: index / 10, data: Uint8Array.of(index), corrupt: false });
    await settle();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Frame> {
    for (let frame = await this.#next.promise; frame; frame = await this.#next.promise) yield frame;
  }
}

function watch(live: LiveScoring) {
  const camera = new HandCamera();
  const scored: number[] = [];
  return { camera, scored, running: live.add(camera, ({ frame }) => scored.push(frame)) };
}

describe('live scoring', () => {
  test('gives the scores of a file, gap or not, whatever else is scored beside it', async () => {
    const weights = livelyWeights(WHOLE);
    const detector = await Detector.create(WHOLE, weights, { batch: 3 });
    const streams = ['one', 'two', 'three'].map((seed) => footage(WHOLE, 24, seed));
    const first = await gather(detector.errors(inOrder(streams[0]!)));
    const errors = first.filter((frame) => frame !== undefined);
    const calibrated = calibrate([{ errors, fps: 10 }]);
    /** The last one has a gap before its third frame. */
    const gaps = [0, 0, 2];
    const sources = streams.map((frames, i): VideoSource => {
      const { source, fps } = new HandCamera();
      const stretch = (index: number) => Number(index >= gaps[i]!);
      const pictures = frames.map((data, index) => ({
        ...{ index, time: index / 10, stretch: stretch(index), data },
      }));
      return {
        name: 'file',
        source,
        fps,
        format: WHOLE.input,
        expectedFrames: undefined,
        async *[Symbol.asyncIterator]() {
          for (const picture of pictures) yield { ...picture, corrupt: false };
        },
      };
    });
    // Room for all: here a file stands in for a camera, and nothing may be dropped.
    const live = new LiveScoring(detector, calibrated, { room: 24 });
    const found = sources.map((): ScoredFrame[] => []);
    const cameras = sources.map((source, i) => live.add(source, (frame) => found[i]!.push(frame)));
    await Promise.all(cameras.map(({ ended }) => ended));
    for (const [i, source] of sources.entries()) {
      const all = await gather(scoreSource(detector, calibrated, source));
      const expected = all.slice(gaps[i]! + detector.clipLength - 1);
      expect(cameras[i]!.counts).toEqual({ frames: 24, dropped: 0, scored: expected.length });
      expect(found[i]!.map(({ frame }) => frame)).toEqual(expected.map(({ frame }) => frame));
      for (const [t, { score, alarm }] of expected.entries()) {
        expect(Math.abs(found[i]![t]!.score - score)).toBeLessThan(1e-4);
        expect(found[i]![t]!.alarm).toBe(alarm);
      }
    }
    await detector.release();
  });

  test('under an overload every camera gets its share, evenly, and counts what it drops', async () => {
    const detector = new HandDetector();
    const live = new LiveScoring(detector, calibration);
    const watched = [watch(live), watch(live), watch(live)];
    // The third camera is slower by half, and the model is three times too slow for the others.
    for (let tick = 0; tick < 60; tick++) {
      for (const [i, { camera }] of watched.entries())
        if (i < 2 || tick % 2 === 0) await camera.give();
      if (tick % 3 === 2) await detector.end();
    }
    for (const { running, scored } of watched) {
      const { frames, dropped } = running.counts;
      expect(scored.length).toBeGreaterThanOrEqual(18);
      // What was neither scored nor dropped waits, or is in the turn.
      expect(frames - dropped - scored.length).toBeLessThanOrEqual(3);
    }
    const gaps = (scored: readonly number[]) =>
      scored.slice(4).map((frame, i) => frame - scored[i + 3]!);
    expect(new Set(gaps(watched[0]!.scored))).toEqual(new Set([3]));
    // The first frame of all went into a turn of its own.
    expect(watched[0]!.scored.slice(1)).toEqual(watched[1]!.scored);
    // 1.5 of its frames come in a turn.
    for (const gap of gaps(watched[2]!.scored)) expect([1, 2]).toContain(gap);
    for (const turn of detector.turns) expect(turn.length).toBeLessThanOrEqual(3);
  });

  test('a source that fails ends its camera with its error; the others go on', async () => {
    const detector = new HandDetector();
    const live = new LiveScoring(detector, calibration);
    const [bad, good] = [watch(live), watch(live)];
    await bad.camera.give();
    await good.camera.give();
    // Its first frame is in the turn under way.
    const failed = expect(bad.running.ended).rejects.toThrow('unplugged');
    await bad.camera.give(new Error('unplugged'));
    await failed;
    await detector.end();
    await detector.end();
    expect(bad.scored).toEqual([]);
    expect(good.scored).toEqual([0]);
  });

  test('an onScore that throws ends its camera alone', async () => {
    const detector = new HandDetector();
    const live = new LiveScoring(detector, calibration);
    const camera = new HandCamera();
    const running = live.add(camera, () => {
      throw new Error('full');
    });
    const good = watch(live);
    const failed = expect(running.ended).rejects.toThrow('full');
    await camera.give();
    await good.camera.give();
    await detector.end();
    await failed;
    await detector.end();
    expect(good.scored).toEqual([0]);
  });

  test('a step that fails ends the cameras that were in it', async () => {
    const detector = new HandDetector();
    const live = new LiveScoring(detector, calibration);
    const { camera, running } = watch(live);
    const failed = expect(running.ended).rejects.toThrow('device lost');
    await camera.give();
    await detector.end(new Error('device lost'));
    await failed;
  });

  test('a camera that ends, or is stopped, has what waits scored', async () => {
    const detector = new HandDetector();
    const live = new LiveScoring(detector, calibration);
    const [over, stopped] = [watch(live), watch(live)];
    for (const { camera } of [over, stopped]) {
      await camera.give();
      await camera.give();
    }
    await over.camera.give('end');
    const closed = live.close();
    await stopped.camera.give();
    for (let turn = 0; turn < 3; turn++) await detector.end();
    await closed;
    await over.running.ended;
    expect([over.scored, stopped.scored]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

describe('a queue of frames', () => {
  test('drops the oldest where there is no room, and counts it', () => {
    const queue = new FrameQueue<number>(2);
    for (const item of [1, 2, 3, 4]) queue.push(item);
    expect([queue.length, queue.dropped]).toEqual([2, 2]);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([3, 4, undefined]);
  });

  test('with room for none makes no sense', () => {
    expect(() => new FrameQueue(0)).toThrow(RangeError);
  });
});
