import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventChange } from '../../../src/service/camera/event-log.ts';
import { EventPictures } from '../../../src/service/camera/event-pictures.ts';
import { heatmap } from './fakes.ts';

beforeEach(() => void vi.useFakeTimers({ now: 100_000 }));
afterEach(() => void vi.useRealTimers());

function pictures(soundsUntil = () => Number.POSITIVE_INFINITY) {
  const thumbnails: number[] = [];
  const clips: { from: number; to: number }[] = [];
  const written: number[] = [];
  const changes: EventChange[] = [];
  const state = { trouble: undefined as string | undefined };
  const taken = new EventPictures(
    {
      decoder: {
        async thumbnail(time) {
          if (state.trouble) throw new Error(state.trouble);
          thumbnails.push(time);
        },
        async clip(from, to) {
          if (state.trouble) throw new Error(state.trouble);
          clips.push({ from, to });
        },
        film: (from) => ({
          until: (time) => written.push(time),
          async end(to) {
            if (state.trouble) throw new Error(state.trouble);
            clips.push({ from, to });
          },
        }),
      },
      folder: '/events/a',
      start: 100_000,
      clip: { before: 5, after: 5 },
      soundsUntil,
      noClips: () => undefined,
      onChange: (change) => changes.push(change),
    },
    { time: 100_000, score: 6, heatmap },
  );
  return { taken, thumbnails, clips, written, changes, state };
}

test('the thumbnail is taken of the peak soon after the start, the clip after the end', async () => {
  const { taken, thumbnails, clips, changes } = pictures();
  taken.peak({ time: 100_500, score: 8, heatmap });
  await vi.advanceTimersByTimeAsync(1000);
  expect(thumbnails).toEqual([100_500]);
  expect(clips).toEqual([]);
  await taken.end(110_000);
  expect(thumbnails).toHaveLength(1);
  expect(clips).toEqual([{ from: 95_000, to: 115_000 }]);
  expect(changes).toEqual([{ thumbnail: true }, { clip: true, clipMissing: null }]);
});

test('another thumbnail where the peak rises well above while it goes on, and at all at the end', async () => {
  const { taken, thumbnails } = pictures();
  await vi.advanceTimersByTimeAsync(1000);
  taken.peak({ time: 103_000, score: 6.5, heatmap });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(thumbnails).toEqual([100_000]);
  taken.peak({ time: 112_000, score: 9, heatmap });
  await vi.advanceTimersByTimeAsync(5000);
  expect(thumbnails).toEqual([100_000, 112_000]);
  taken.peak({ time: 120_000, score: 9.1, heatmap });
  await taken.end(121_000);
  expect(thumbnails).toEqual([100_000, 112_000, 120_000]);
});

test('a clip of an event that goes on is written as it comes, up to its end', async () => {
  const { taken, clips, written, changes } = pictures();
  await vi.advanceTimersByTimeAsync(44_000);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toEqual([145_000]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toEqual([145_000, 150_000, 155_000]);
  expect(clips).toEqual([]);
  await taken.end(400_000);
  expect(clips).toEqual([{ from: 95_000, to: 405_000 }]);
  expect(changes).toContainEqual({ clip: true, clipMissing: null });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toHaveLength(3);
});

test('while it is silent no more is written than what surely belongs to it, and after long silence it ends', async () => {
  const sounds = { until: 120_000 };
  const { taken, clips, written } = pictures(() => sounds.until);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(new Set(written)).toEqual(new Set([125_000]));
  sounds.until = 158_000;
  await vi.advanceTimersByTimeAsync(5000);
  expect(written.at(-1)).toBe(163_000);
  expect(clips).toEqual([]);
  await vi.advanceTimersByTimeAsync(70_000);
  expect(clips).toEqual([{ from: 95_000, to: 163_000 }]);
  await taken.end(158_000);
  expect(clips).toHaveLength(1);
});

test('a near miss is told when it is over: its clip ends with it, however long it was', async () => {
  const { taken, clips } = pictures();
  vi.setSystemTime(300_000);
  await taken.end(290_000);
  expect(clips).toEqual([{ from: 95_000, to: 295_000 }]);
});

test('who is in a hurry waits for nothing after the end', async () => {
  const hurried = pictures();
  hurried.taken.hurry();
  await hurried.taken.end(110_000);
  expect(hurried.clips).toEqual([{ from: 95_000, to: 110_000 }]);
});

test('a thumbnail that failed is tried again at the end; why there is no clip is said without its path', async () => {
  const { taken, thumbnails, changes, state } = pictures();
  state.trouble = '/events/a/clip.mp4: the disk is full';
  await vi.advanceTimersByTimeAsync(1000);
  const ended = taken.end(102_000);
  state.trouble = undefined;
  await ended;
  expect(thumbnails).toEqual([100_000]);
  expect(changes).toContainEqual({ clipMissing: 'the disk is full' });
});
