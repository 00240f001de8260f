import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { isCameraAddress, openCamera } from '../../src/video/camera.ts';
import type { Frame, FrameFormat } from '../../src/video/frame.ts';
import { openLive } from '../../src/video/live/open.ts';
import { StreamLost } from '../../src/video/live/stream.ts';
import { remux } from '../service/decoder/remux.ts';
import { RtspRelay } from '../service/decoder/rtsp-relay.ts';
import { until } from '../service/poll.ts';
import { jpeg, mean, plain, temporaryFolders, writeVideo } from './footage.ts';
import { httpCamera } from './http-camera.ts';

const size = { width: 64, height: 48 };
const format: FrameFormat = { width: 32, height: 24, channels: 1 };
const temporaryFolder = temporaryFolders();
const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function camera(login?: { user: string; password: string }) {
  const pictures = await Promise.all([40, 140].map((value) => jpeg(size, plain(size, value))));
  const server = await httpCamera('plain', pictures, login ? { login } : {});
  opened.push(server);
  return server;
}

/** An RTSP camera over TCP whose pictures become lighter for two seconds, over and over. */
async function rtspCamera(): Promise<RtspRelay> {
  const path = join(await temporaryFolder(), 'shades.mp4');
  const pictures = Array.from({ length: 20 }, (_, at) => plain(size, 30 + 10 * at));
  await writeVideo(path, { ...size, fps: 10 }, pictures);
  const relay = await new RtspRelay().listen();
  const live = new AbortController();
  const sent = remux(path, relay.url, 'rtsp', { rtsp_transport: 'tcp' }, live.signal);
  opened.push({
    async close() {
      live.abort();
      await sent;
      await relay.close();
    },
  });
  await until('it is published', () => relay.isPublished);
  return relay;
}

describe('a camera of RTSP', () => {
  test('gives frames as they come, and after a drop frames of another stretch', async () => {
    const relay = await rtspCamera();
    const lost: string[] = [];
    const source = await openCamera(relay.url, format, {
      fps: 20,
      original: true,
      onLost: (reason) => lost.push(reason),
    });
    expect(source).toMatchObject({ name: relay.url, source: size, format, fps: 10, live: true });
    const frames: Frame[] = [];
    for await (const frame of source) {
      frames.push(frame);
      if (frames.length === 5) relay.drop();
      if (frame.stretch === 1) break;
    }
    expect(lost.length).toBeGreaterThan(0);
    for (const [i, { index, time, data, original }] of frames.entries()) {
      if (i > 0) expect(time).toBeGreaterThan(frames[i - 1]!.time);
      if (i > 0) expect(index).toBeGreaterThan(frames[i - 1]!.index);
      expect(original).toMatchObject(size);
      // Each picture is of one shade.
      expect(Math.max(...data) - Math.min(...data)).toBeLessThan(6);
    }
  });

  test('that falls silent is lost, and told so', async () => {
    const relay = await rtspCamera();
    const lost: string[] = [];
    const ended = new AbortController();
    const source = await openCamera(relay.url, format, {
      patience: 1500,
      signal: ended.signal,
      onLost: (reason) => {
        lost.push(reason);
        ended.abort(new Error('enough'));
      },
    });
    const reading = (async () => {
      for await (const _ of source) relay.mute = true;
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(lost).toEqual([expect.stringMatching(/^no picture for /)]);
  });
});

test('a USB camera that is none is told as such', async () => {
  const device = join(await temporaryFolder(), 'video0');
  const open = () => openLive({ kind: 'usb', device }, { patience: 2000 });
  await expect(open()).rejects.toThrow('No such file or directory');
  // A device that takes none of Video4Linux's questions.
  await symlink('/dev/null', device);
  const error = await open().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StreamLost);
  expect((error as StreamLost).message).toBe('Inappropriate ioctl for device');
});

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
      'http://127.0.0.1:1/user=admin_password=pa55_channel=1',
      'http://127.0.0.1:1/live#token=pa55',
      'http://127.0.0.1:1/live;pwd=pa55',
      'rtsp://admin:pa55 word@127.0.0.1:1/',
      '/dev/video77',
      'rtsp:x',
      'file:///etc/passwd',
    ]) {
      const error = await openCamera(address, format).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).not.toMatch(/pa\/?ss@|pa55|admin|\n/);
    }
  });

  test('is not asked where an option is wrong', async () => {
    const opened = openCamera('rtsp://127.0.0.1:1/', format, { patience: 0 });
    await expect(opened).rejects.toThrow(/^openCamera: option patience: /);
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
