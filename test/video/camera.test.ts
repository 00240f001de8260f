import { afterEach, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { isCameraAddress, openCamera } from '../../src/video/camera.ts';
import type { Frame, FrameFormat } from '../../src/video/frame.ts';
import { jpeg, mean, plain } from './footage.ts';
import { httpCamera } from './http-camera.ts';

const size = { width: 64, height: 48 };
const format: FrameFormat = { width: 32, height: 24, channels: 1 };
const opened: { close(): void }[] = [];
afterEach(() => {
  for (const { close } of opened.splice(0)) close();
});

async function camera(login?: { user: string; password: string }) {
  const pictures = await Promise.all([40, 140].map((value) => jpeg(size, plain(size, value))));
  const server = await httpCamera('plain', pictures, login ? { login } : {});
  opened.push(server);
  return server;
}

describe('a camera', () => {
  test('gives frames in the format, as they come, until it is left', async () => {
    const { url } = await camera({ user: 'admin', password: 'secret' });
    const address = url.replace('http://', 'HTTP://admin:secret@');
    const source = await openCamera(address, format, { fps: 20, original: true });
    expect(source).toMatchObject({ source: size, format, fps: 20, expectedFrames: undefined });
    expect(source.name).toBe(url.replace('http://', 'HTTP://***@'));
    const frames: Frame[] = [];
    for await (const frame of source) if (frames.push(frame) === 5) break;
    expect(frames[0]!.time).toBe(0);
    for (const [i, { time, stretch, data, original }] of frames.entries()) {
      if (i > 0) expect(time).toBeGreaterThan(frames[i - 1]!.time);
      expect(stretch).toBe(0);
      expect(original).toMatchObject(size);
      expect([40, 140].some((value) => Math.abs(mean(data) - value) < 4)).toBe(true);
    }
  });

  test('that is lost is asked again, and its next frames are apart', async () => {
    const server = await camera();
    const lost: string[] = [];
    const source = await openCamera(server.url, format, { onLost: (reason) => lost.push(reason) });
    const stretches: (number | undefined)[] = [];
    for await (const { stretch } of source) {
      if (stretches.at(-1) !== stretch) stretches.push(stretch);
      if (stretches.length === 1 && lost.length === 0) server.drop();
      if (stretches.length === 2) break;
    }
    expect(stretches).toEqual([0, 1]);
    expect(lost.length).toBeGreaterThan(0);
  });

  test('waits for no slow reader: it gives the newest frames', async () => {
    const { url } = await camera();
    const times: number[] = [];
    for await (const { time } of await openCamera(url, format, { fps: 30 })) {
      times.push(time);
      await new Promise((resolve) => setTimeout(resolve, 400));
      if (times.length === 5) break;
    }
    // Two frames wait at most; the reader would otherwise fall behind by more each time.
    expect(times[4]! - times[3]!).toBeGreaterThan(0.2);
  });

  test('ends with the reason of its signal, also while it is lost', async () => {
    const server = await camera();
    const ended = new AbortController();
    const { signal } = ended;
    const source = await openCamera(server.url, format, {
      signal,
      onLost: () => ended.abort(new Error('enough')),
    });
    const reading = (async () => {
      for await (const _ of source) server.close();
    })();
    await expect(reading).rejects.toThrow('enough');
    await expect(openCamera(server.url, format, { signal })).rejects.toThrow('enough');
  });

  test('that gives nothing is told in one line without its password', async () => {
    for (const address of [
      'http://admin:pa/ss@127.0.0.1:1/',
      'rtsp://admin:pass@127.0.0.1:1/',
      '/dev/video77',
      'rtsp:x',
      'file:///etc/passwd',
    ]) {
      const error = await openCamera(address, format).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).not.toMatch(/pa\/?ss@|admin|\n/);
    }
  });

  test('is known by its address', () => {
    for (const address of [
      'rtsp://a/b',
      'RTSPS://a',
      'http://u:p@a:80/c?d',
      'HTTPS://a',
      '/dev/video0',
    ])
      expect(isCameraAddress(address)).toBe(true);
    for (const other of ['video.mp4', '/dev/zero', 'file:///a', 'rtsp:a', 'concat:a|b', 'http://'])
      expect(isCameraAddress(other)).toBe(false);
  });
});
