import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { LiveStream, type WrittenMessage } from '../../../src/service/api/live-stream.ts';

/** A reader that takes one chunk when it is told to. */
class Reader extends Writable {
  readonly texts: string[] = [];
  #taken: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _: string, taken: () => void): void {
    this.texts.push(chunk.toString());
    this.#taken = taken;
  }

  /** Reads until nothing more comes. */
  async drain(): Promise<void> {
    while (this.#taken) {
      const taken = this.#taken;
      this.#taken = undefined;
      taken();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function stream(patience = 60_000) {
  const reader = new Reader();
  const counted = { dropped: 0 };
  const live = new LiveStream(reader, patience, () => (counted.dropped += 1));
  return { reader, counted, live };
}

const message = (name: WrittenMessage['name'], id: string, text: string): WrittenMessage => ({
  name,
  camera: id,
  key: `${name} ${id}`,
  text,
});

describe('a reader that does not keep up', () => {
  test('is sent the newest score of each camera, and every event', async () => {
    const { reader, counted, live } = stream();
    for (let i = 0; i < 100; i++) {
      live.send(message('score', 'a', `a${i}`));
      live.send(message('score', 'b', `b${i}`));
      if (i % 10 === 0) live.send(message('event', `e${i}`, `event${i}`));
    }
    await reader.drain();
    const events = Array.from({ length: 10 }, (_, i) => `event${i * 10}`);
    expect(reader.texts).toEqual(['a0', ...events, 'a99', 'b99']);
    expect(counted.dropped).toBe(98 + 99);
    live.send(message('score', 'a', 'a100'));
    await reader.drain();
    expect(reader.texts.at(-1)).toBe('a100');
    live.cut();
  });

  test('is told a camera that was removed and came back in that order', async () => {
    const { reader, live } = stream();
    live.send(message('notices', '', 'blocks'));
    live.send(message('camera', 'a', 'first'));
    live.send(message('camera removed', 'a', 'removed'));
    live.send(message('camera', 'a', 'again'));
    await reader.drain();
    expect(reader.texts).toEqual(['blocks', 'removed', 'again']);
    live.cut();
  });

  test('is cut when more waits than is ever kept; scores go first', () => {
    const { reader, counted, live } = stream();
    live.send(message('notices', '', 'blocks'));
    for (let i = 0; i < 20; i++) live.send(message('score', `c${i}`, 'score'));
    for (let i = 0; i < 490; i++) live.send(message('event', `e${i}`, 'event'));
    expect([counted.dropped, reader.destroyed]).toEqual([20, false]);
    for (let i = 490; i < 510; i++) live.send(message('event', `e${i}`, 'event'));
    expect(reader.destroyed).toBe(true);
  });

  test('is cut when it never reads', async () => {
    const { reader, live } = stream(20);
    const closed = new Promise((resolve) => reader.on('close', resolve));
    live.send(message('score', 'a', 'blocks'));
    await closed;
    expect(reader.destroyed).toBe(true);
  });
});

test('a sign of life is not added to what waits', async () => {
  const { reader, live } = stream();
  live.beat();
  live.beat();
  await reader.drain();
  expect(reader.texts).toEqual([':\n\n']);
  live.beat();
  await reader.drain();
  expect(reader.texts.length).toBe(2);
  live.cut();
});
