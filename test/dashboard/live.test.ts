import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pace } from '../../dashboard/src/live/pace.ts';
import { LiveStream, retryAfter, type Source } from '../../dashboard/src/live/stream.ts';
import { Topics } from '../../dashboard/src/live/topics.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

class FakeSource implements Source {
  onopen: (() => unknown) | null = null;
  onerror: (() => unknown) | null = null;
  closed = false;
  readonly listeners = new Map<string, (message: { data: string }) => void>();
  addEventListener(name: string, listener: (message: { data: string }) => void): void {
    this.listeners.set(name, listener);
  }
  close(): void {
    this.closed = true;
  }
}

describe('the stream', () => {
  const start = () => {
    const sources: FakeSource[] = [];
    const messages: unknown[] = [];
    const connections: string[] = [];
    const stream = new LiveStream(
      () => sources[sources.push(new FakeSource()) - 1]!,
      (message) => messages.push(message),
      (connection) => connections.push(connection),
    );
    stream.start();
    return { sources, messages, connections, stream };
  };

  test('gives its messages by their names', () => {
    const { sources, messages } = start();
    sources[0]!.listeners.get('camera removed')!({ data: '{"id":"gate"}' });
    expect(messages).toEqual([{ name: 'camera removed', data: { id: 'gate' } }]);
  });

  test('opens again after each error, for ever, and tells how it stands', () => {
    const { sources, connections } = start();
    for (let tries = 0; tries < 20; tries++) {
      const last = sources.at(-1)!;
      last.onerror!();
      expect(last.closed).toBe(true);
      vi.advanceTimersByTime(30_000);
      expect(sources.length).toBe(tries + 2);
    }
    sources.at(-1)!.onopen!();
    expect(connections.at(-1)).toBe('live');
    // It begins with short waits again.
    sources.at(-1)!.onerror!();
    vi.advanceTimersByTime(500);
    expect(sources.length).toBe(22);
  });

  test('opens no more once it is stopped', () => {
    const { sources, stream } = start();
    sources[0]!.onerror!();
    stream.stop();
    vi.advanceTimersByTime(60_000);
    expect(sources.length).toBe(1);
  });

  test('waits longer each time, jittered, half a minute at most', () => {
    expect([0, 1, 2, 10].map((tries) => retryAfter(tries, 1))).toEqual([500, 1000, 2000, 30_000]);
    expect(retryAfter(10, 0)).toBe(15_000);
  });
});

describe('a pace', () => {
  test('runs at most once a gap, never twice at once, and once more for what was missed', async () => {
    let runs = 0;
    let finish = () => {};
    const pace = new Pace(250, () => {
      runs++;
      return new Promise<void>((done) => {
        finish = done;
      });
    });
    for (let k = 0; k < 5; k++) pace.ask();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(1);
    for (let k = 0; k < 5; k++) pace.ask();
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(2);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    pace.ask();
    await vi.advanceTimersByTimeAsync(100);
    expect(runs).toBe(2);
    await vi.advanceTimersByTimeAsync(150);
    expect(runs).toBe(3);
    pace.ask();
    pace.stop();
    finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toBe(3);
  });
});

test('topics reach those who listen to them, as long as they do', () => {
  const topics = new Topics<number>();
  const heard: number[] = [];
  const stop = topics.listen('gate', (value) => heard.push(value));
  topics.tell('gate', 1);
  topics.tell('door', 2);
  stop();
  topics.tell('gate', 3);
  expect(heard).toEqual([1]);
});
