import { describe, expect, test } from 'vitest';
import { CameraFeed } from '../../../src/service/inference/camera-feed.ts';

const frame = (time: number, stretch = 0) => ({ time, stretch, data: new Uint8Array(4) });

/** The times of the frames that can be given now. */
function given(feed: CameraFeed): number[] {
  const times: number[] = [];
  for (let next = feed.take(); next; next = feed.take()) times.push(next.time);
  return times;
}

describe('the feed of a camera', () => {
  test('gives what can be answered, keeps the newest, and counts the rest', () => {
    const feed = new CameraFeed();
    feed.open(4);
    for (let time = 1; time <= 2; time++) feed.push(frame(time), 0);
    expect(given(feed)).toEqual([1, 2]);
    for (let time = 3; time <= 7; time++) feed.push(frame(time), 0);
    expect(given(feed)).toEqual([]);
    feed.answered(true, 0);
    expect(given(feed)).toEqual([6]);
    expect(feed.counts(0)).toMatchObject({ dropped: 3, waiting: 3, scored: 1 });
  });

  test('leaves frames their stretch, whatever was dropped between them', () => {
    const feed = new CameraFeed();
    feed.open(4);
    for (const next of [frame(1, 1), frame(2, 2), frame(3, 2)]) feed.push(next, 0);
    expect([feed.take()?.stretch, feed.take()?.stretch]).toEqual([2, 2]);
  });

  test('gives nothing while the model is loading, and frames of no other size', () => {
    const feed = new CameraFeed();
    feed.push(frame(1), 0);
    expect(given(feed)).toEqual([]);
    feed.open(5);
    expect(given(feed)).toEqual([]);
    feed.push({ ...frame(2), data: new Uint8Array(5) }, 0);
    expect(given(feed)).toEqual([2]);
    feed.push(frame(3), 0);
    feed.push({ ...frame(4), data: new Uint8Array(5) }, 0);
    expect(given(feed)).toEqual([4]);
    expect(feed.counts(0).dropped).toBe(2);
  });

  test('forgets everything under way when it is closed', () => {
    const feed = new CameraFeed();
    feed.open(4);
    for (let time = 1; time <= 4; time++) {
      feed.push(frame(time), 0);
      if (time === 2) given(feed);
    }
    feed.close();
    expect(feed.counts(0)).toMatchObject({ dropped: 4, waiting: 0 });
    feed.open(4);
    feed.push(frame(5), 0);
    expect(given(feed)).toEqual([5]);
  });

  test('tells the mean latency of the last seconds', () => {
    const feed = new CameraFeed();
    feed.open(4);
    const scored = (arrived: number, at: number, scored = true) => {
      feed.push(frame(arrived), arrived);
      given(feed);
      feed.answered(scored, at);
    };
    expect(feed.counts(0).latencyMs).toBe(null);
    scored(0, 900, false);
    expect(feed.counts(900).latencyMs).toBe(null);
    scored(1000, 1100);
    scored(2000, 2300);
    expect(feed.counts(2300).latencyMs).toBe(200);
    expect(feed.counts(6200).latencyMs).toBe(300);
    expect(feed.counts(7300).latencyMs).toBe(null);
  });
});
