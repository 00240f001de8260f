import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jpeg, noise, plain } from '../../video/footage.ts';
import { until } from './heard.ts';
import { watching } from './watched.ts';

const { mjpegCamera, temporaryFolder, watched } = watching();

test('an MJPEG camera gives frames of the format, thinned, and live pictures', async () => {
  const server = await mjpegCamera();
  server.interval = 10;
  const began = Date.now();
  const { decoder, heard } = await watched(server.source, { fps: 5 });
  await until(() => heard.frames.length >= 12 && heard.pictures.length >= 5, 'frames');
  const seconds = (Date.now() - began) / 1000;
  expect(heard.online).toMatchObject([
    { size: { width: 64, height: 48 }, fps: 25, codec: 'mjpeg' },
  ]);
  expect(heard.frames.length).toBeLessThanOrEqual(5 * seconds + 2);
  expect(heard.pictures.length).toBeLessThanOrEqual(5 * seconds + 2);
  expect(new Set(heard.frames.map(({ stretch }) => stretch)).size).toBe(1);
  const { time, data } = heard.frames.at(-1)!;
  expect(data.length).toBe(32 * 24);
  expect(Math.max(...data) - Math.min(...data)).toBeLessThan(4);
  expect(time).toBeGreaterThan(began);
  expect(time).toBeLessThanOrEqual(Date.now());
  expect(await sharp(heard.pictures[0]!.jpeg).metadata()).toMatchObject({
    width: 64,
    format: 'jpeg',
  });
  await until(() => decoder.counts.framesPerSecond > 1, 'counts');
  expect(decoder.counts).toMatchObject({ dropped: 0, reconnects: 0 });
  await decoder.stop();
  const after = heard.frames.length;
  expect(server.requests).toBe(1);
  expect(heard.frames.length).toBe(after);
});

test('a camera that refuses is tried again for ever, and no secret is told', async () => {
  const server = await mjpegCamera();
  await server.close();
  const { heard } = await watched(server.source);
  await until(() => heard.offline.length >= 4, 'attempts');
  for (const { reason } of heard.offline)
    expect(reason).toMatch(/^http:\/\/\*\*\*@127\.0\.0\.1:\d+\/video: Connection refused$/);
  // Growing, within its jitter.
  expect(heard.offline[3]!.retryIn).toBeGreaterThan(heard.offline[0]!.retryIn);
  await server.listen();
  await until(() => heard.frames.length > 3, 'frames');
});

test('a camera that hangs, stalls, drops and comes back', async () => {
  const server = await mjpegCamera();
  server.mute = true;
  const { decoder, heard } = await watched(server.source);
  await until(() => heard.offline.length === 1, 'it hangs');
  expect(heard.offline[0]!.reason).toMatch(/: no picture for \d+ s/);
  server.mute = false;
  await until(() => heard.frames.length > 3, 'frames');

  const attempts = heard.offline.length;
  server.stalled = true;
  await until(() => heard.offline.length > attempts, 'it stalled');
  expect(heard.offline.at(-1)!.reason).toMatch(/: no picture for \d+ s/);
  server.stalled = false;
  let from = heard.frames.length;
  await until(() => heard.frames.length > from + 3, 'frames after the stall');
  expect(heard.frames[from]!.stretch).toBeGreaterThan(heard.frames[from - 1]!.stretch);

  from = heard.frames.length;
  // On a busy machine its silence may be noticed before the drop is: it is dropped again then.
  await until(() => {
    if (heard.frames.length > from) {
      from = heard.frames.length;
      server.drop();
    }
    return heard.offline.at(-1)!.reason.includes('broke');
  }, 'it dropped');
  from = heard.frames.length;
  await until(() => heard.frames.length > from + 3, 'frames after the drop');
  expect(heard.frames[from]!.stretch).toBeGreaterThan(heard.frames[from - 1]!.stretch);
  expect(decoder.counts.reconnects).toBeGreaterThanOrEqual(2);
});

test('pictures of another size in mid-stream begin another stretch, and none is misaligned', async () => {
  const server = await mjpegCamera();
  const { heard } = await watched(server.source, { fps: 30 });
  /** Left half dark, right half light, at any size. */
  const halves = async (width: number, height: number) => {
    const pixels = plain({ width, height }, 30);
    for (let at = 0; at < width * height; at++)
      if (at % width >= width / 2) pixels.fill(220, at * 3, at * 3 + 3);
    return jpeg({ width, height }, pixels);
  };
  const [small, wide, high] = await Promise.all([halves(64, 48), halves(160, 64), halves(96, 128)]);
  const sizes = [small, wide, high, small];
  server.picture = async (index) => sizes[Math.floor(index / 15) % 4]!;
  await until(() => heard.online.length >= 6, 'changes of size');
  expect(heard.offline).toEqual([]);
  expect(heard.online.slice(0, 4).map(({ size }) => size.width)).toEqual([64, 160, 96, 64]);
  expect(new Set(heard.frames.map(({ stretch }) => stretch)).size).toBeGreaterThanOrEqual(5);
  for (const { data } of heard.frames) {
    const sides = [...data].map((value, at) =>
      at % 32 < 15 ? value : at % 32 > 16 ? 250 - value : 30,
    );
    expect(Math.max(...sides)).toBeLessThan(50);
    expect(Math.min(...sides)).toBeGreaterThan(10);
  }
});

test('damaged pictures are left out, and those after them come', async () => {
  const server = await mjpegCamera();
  const { heard } = await watched(server.source, { fps: 30 });
  const whole = await jpeg({ width: 64, height: 48 }, noise({ width: 64, height: 48 }, 1));
  const cut = whole.subarray(0, whole.length / 2);
  const garbage = Buffer.from(whole).fill(0x5a, 20);
  server.picture = async (index) =>
    [whole, cut, whole, garbage, Buffer.from('no JPEG')][index % 5]!;
  await until(() => heard.frames.length >= 20, 'frames');
  const first = heard.frames[0]!.data;
  for (const { data } of heard.frames) expect(Buffer.compare(data, first)).toBe(0);
  server.picture = async () => garbage;
  await until(() => heard.offline.length > 0, 'nothing but damage is a stall');
  server.picture = async () => whole;
  const from = heard.frames.length;
  await until(() => heard.frames.length > from + 3, 'frames after it');
});

test('a slow camera is no stalled one', async () => {
  const server = await mjpegCamera();
  server.interval = 900;
  const size = { width: 160, height: 120 };
  const picture = await jpeg(size, noise(size, 1));
  server.picture = async () => picture;
  const { heard } = await watched(server.source);
  await until(() => heard.frames.length >= 4, 'frames');
  expect(heard.offline).toEqual([]);
});

test('a burst gives no more frames than real time allows', async () => {
  const server = await mjpegCamera();
  const { heard } = await watched(server.source, { fps: 5 });
  await until(() => heard.frames.length >= 3, 'frames');
  server.interval = 0;
  const began = Date.now();
  const from = heard.frames.length;
  await until(() => heard.frames.length >= from + 15, 'frames of the burst');
  expect(Date.now() - began).toBeGreaterThan((14 / 5) * 1000 * 0.8);
  const times = heard.frames.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test.each<NodeJS.Signals>(['SIGKILL', 'SIGSTOP'])(
  'after a %s the decoder is back with what it was told',
  async (signal) => {
    const server = await mjpegCamera();
    const { decoder, heard } = await watched(server.source, {
      // Long enough for a start on a machine that is busy.
      supervision: { beat: 200, patience: 15_000 },
    });
    await until(() => heard.frames.length > 3, 'frames');
    const clip = decoder.clip(
      Date.now(),
      Date.now() + 60_000,
      join(await temporaryFolder(), 'a.mp4'),
    );
    const lost = expect(clip).rejects.toThrow(/kept pictures are gone/);
    process.kill(decoder.pid!, signal);
    await until(() => heard.offline.length > 0, 'its loss');
    await lost;
    expect(heard.offline[0]!.reason).toMatch(/^decoder of test (ended with SIGKILL|gave no sign)/);
    const from = heard.frames.length;
    await until(() => heard.frames.length > from + 3, 'frames after it');
    expect(heard.frames[from]!.stretch).toBeGreaterThan(heard.frames[from - 1]!.stretch);
    expect(heard.frames[from]!.data.length).toBe(32 * 24);
    expect(decoder.counts.reconnects).toBe(1);
  },
);

test('a decoder that takes too much memory is given up after some restarts, and tried again later', async () => {
  const server = await mjpegCamera();
  const { heard } = await watched(server.source, {
    supervision: { memoryLimit: 20e6, beat: 50, restartsAMinute: 1, restartDelay: 20 },
  });
  await until(() => heard.offline.length >= 4, 'giving it up twice');
  const reasons = heard.offline.map(({ reason }) => reason);
  expect(reasons[0]).toMatch(/^decoder of test took \d+ MB of memory, more than 20$/);
  expect(reasons.filter((reason) => reason.endsWith(', too often')).length).toBeGreaterThan(1);
});
