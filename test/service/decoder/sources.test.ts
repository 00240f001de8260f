import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RtspServer } from 'rtsp-streaming-server';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { Decoders } from '../../../src/service/decoder/decoders.ts';
import type { Size } from '../../../src/video/frame.ts';
import { mean, plain, writePicture, writeVideo } from '../../video/footage.ts';
import { until } from './heard.ts';
import { shade } from './mjpeg-camera.ts';
import { remux } from './remux.ts';
import { RtspRelay } from './rtsp-relay.ts';
import { short, watching } from './watched.ts';

const { atEnd, mjpegCamera, temporaryFolder, watched } = watching();

test('a file is played in a loop at its own pace, and never faster', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.mp4');
  const size = { width: 64, height: 48 };
  const shades = Array.from({ length: 8 }, (_, at) => plain(size, 30 + at * 25));
  await writeVideo(path, { ...size, fps: 8 }, shades);
  const started = Date.now();
  const { heard } = await watched({ kind: 'file', path }, { fps: 30 });
  await until(() => heard.frames.length >= 20, 'frames of three rounds');
  // On a busy machine the first frames come late, and those after them sooner.
  expect(heard.frames[19]!.time - started).toBeGreaterThan((19 / 8) * 1000 * 0.9);
  const places = heard.frames.slice(0, 20).map(({ data, stretch }) => {
    expect(stretch).toBe(heard.frames[0]!.stretch);
    const place = Math.round((mean(data) - 30) / 25);
    expect(Math.abs(mean(data) - (30 + place * 25))).toBeLessThan(4);
    return place;
  });
  // A busy machine passes over a frame, and comes back to none.
  const steps = places.slice(1).map((place, i) => (place - places[i]! + 8) % 8);
  expect(Math.min(...steps)).toBeGreaterThan(0);
  expect(Math.max(...steps)).toBeLessThan(4);

  expect(heard.offline).toEqual([]);
});

test('a folder of frames is played in a loop; one that is not there yet is tried again', async () => {
  const folder = join(await temporaryFolder(), 'frames');
  const { heard } = await watched({ kind: 'folder', path: folder, fps: 20 }, { fps: 30 });
  await until(() => heard.offline.length > 0, 'an attempt');
  expect(heard.offline[0]!.reason).toBe(`${folder}: does not exist; choose another`);
  const size = { width: 40, height: 30 };
  await mkdir(`${folder}-1`);
  for (let at = 0; at < 3; at++)
    await writePicture(join(`${folder}-1`, `${at}.png`), size, plain(size, 60 + 60 * at));
  await rename(`${folder}-1`, folder);
  await until(() => heard.frames.length >= 7, 'frames of more than two rounds');
  const order = heard.frames.slice(-6).map(({ data }) => Math.round((mean(data) - 60) / 60));
  for (let at = 1; at < 6; at++) expect(order[at]).toBe((order[at - 1]! + 1) % 3);
});

test('time stamps that leap and a size that changes in mid-stream keep the pace and the picture', async () => {
  const folder = await temporaryFolder();
  const clip = async (name: string, size: Size, gray: number, offset: string) => {
    const pictures = Array.from({ length: 6 }, (_, at) => plain(size, gray + at));
    await writeVideo(join(folder, `${name}.mp4`), { ...size, fps: 10 }, pictures);
    const stream = join(folder, `${name}.ts`);
    await remux(join(folder, `${name}.mp4`), stream, 'mpegts', { output_ts_offset: offset });
    return readFile(stream);
  };
  const parts = [
    await clip('now', { width: 64, height: 48 }, 50, '0'),
    await clip('hours later', { width: 64, height: 48 }, 100, '20000'),
    await clip('wider, and before', { width: 160, height: 64 }, 200, '10'),
  ];
  const path = join(folder, 'all.ts');
  await writeFile(path, Buffer.concat(parts));
  const { heard } = await watched({ kind: 'file', path }, { fps: 30 });
  await until(() => heard.frames.length >= 33, 'frames of two rounds');
  expect(heard.offline).toEqual([]);
  expect(heard.online.slice(0, 3).map(({ size }) => size.width)).toEqual([64, 160, 64]);
  const times = heard.frames.map(({ time }) => time);
  const gaps = times.slice(1).map((time, at) => time - times[at]!);
  expect(Math.max(...gaps)).toBeLessThan(11_000);
  expect(times[32]! - times[0]!).toBeGreaterThan((32 / 10) * 1000 * 0.8);
  for (const { data } of heard.frames) {
    expect(Math.max(...data) - Math.min(...data)).toBeLessThan(6);
    const [gray] = data;
    expect([50, 100, 200].some((base) => gray! > base - 4 && gray! < base + 10)).toBe(true);
  }
});

test('one picture of a source, or why there is none', async () => {
  const server = await mjpegCamera();
  server.picture = (index) => shade(index, { width: 1000, height: 500 });
  const decoders = new Decoders(short);
  const { picture, ...rest } = await decoders.test(server.source);
  expect(rest).toEqual({ width: 1000, height: 500, fps: 25, codec: 'mjpeg' });
  const bytes = Buffer.from(picture.replace('data:image/jpeg;base64,', ''), 'base64');
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 640, height: 320 });
  server.mute = true;
  await expect(decoders.test(server.source)).rejects.toThrow(/\*\*\*@.*: no picture for 2 s$/);
  const text = join(await temporaryFolder(), 'a.mp4');
  await writeFile(text, 'no video');
  await expect(decoders.test({ kind: 'file', path: text })).rejects.toThrow(UserError);
  await expect(decoders.test({ kind: 'http', url: 'file:///etc/passwd' })).rejects.toThrow(
    UserError,
  );
});

test('few sources are tested at once, and others again when these are done', async () => {
  const server = await mjpegCamera();
  const decoders = new Decoders(short);
  const tests = Array.from({ length: 4 }, () => decoders.test(server.source));
  await expect(decoders.test(server.source)).rejects.toThrow(/^4 sources are being tested/);
  await Promise.all(tests);
  await decoders.test(server.source);
});

/** Two seconds of shades that rise, so that a picture tells where in the video it was. */
async function shades(folder: string): Promise<string> {
  const size = { width: 64, height: 48 };
  const pictures = Array.from({ length: 20 }, (_, at) => plain(size, 30 + 10 * at));
  const path = join(folder, 'shades.mp4');
  await writeVideo(path, { ...size, fps: 10 }, pictures);
  return path;
}

test('a live HLS playlist is played at its own pace, and cannot reach files of this machine', async () => {
  const folder = await temporaryFolder();
  const path = await shades(folder);
  const live = new AbortController();
  const list = join(folder, 'live.m3u8');
  const sent = remux(
    path,
    list,
    'hls',
    { hls_time: '2', hls_flags: 'delete_segments' },
    live.signal,
  );
  const server = createServer(async (request, response) => {
    const bytes = await readFile(join(folder, request.url!)).catch(() => undefined);
    response.statusCode = bytes ? 200 : 404;
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(async () => {
    live.abort();
    await sent;
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const source = { kind: 'http', url: `${url}/live.m3u8` } as const;
  const { heard } = await watched(source, { fps: 30, times: { patience: 4000 } });
  await until(() => heard.frames.length >= 25, 'frames of more than a segment');
  const span = heard.frames[24]!.time - heard.frames[0]!.time;
  expect(span).toBeGreaterThan((24 / 10) * 1000 * 0.9);
  expect(heard.online[0]).toMatchObject({ size: { width: 64, height: 48 }, codec: 'h264' });

  await remux(path, join(folder, 'secret.ts'), 'mpegts');
  const playlist = (segment: string) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${segment}\n#EXT-X-ENDLIST\n`;
  await writeFile(join(folder, 'good.m3u8'), playlist('secret.ts'));
  await writeFile(join(folder, 'evil.m3u8'), playlist(`file://${folder}/secret.ts`));
  const decoders = new Decoders(short);
  const good = { kind: 'http', url: `${url}/good.m3u8` } as const;
  expect(await decoders.test(good)).toMatchObject({ width: 64, height: 48 });
  const evil = { kind: 'http', url: `${url}/evil.m3u8` } as const;
  await expect(decoders.test(evil)).rejects.toThrow(UserError);
  const local = { kind: 'file', path: join(folder, 'good.m3u8') } as const;
  await expect(decoders.test(local)).rejects.toThrow('it is a list of other files');
});

test('RTSP over UDP, from a server with a password', async () => {
  const path = await shades(await temporaryFolder());
  const server = new RtspServer({
    serverPort: await freePort(),
    clientPort: await freePort(),
    rtpPortStart: 21_000,
    rtpPortCount: 2000,
    clientServerHooks: {
      authentication: async (user, password) => user === 'me' && password === 'p@ss',
    },
  });
  await server.start();
  const live = new AbortController();
  const to = `rtsp://127.0.0.1:${server.PublishServer.rtspPort}/camera`;
  const sent = remux(path, to, 'rtsp', { rtsp_transport: 'udp' }, live.signal);
  atEnd(async () => {
    live.abort();
    await sent;
    server.PublishServer.server.close();
    server.ClientServer.server.close();
  });
  const url = `rtsp://me:p%40ss@127.0.0.1:${server.ClientServer.rtspPort}/camera`;
  const { heard } = await watched(
    { kind: 'rtsp', url, transport: 'udp' },
    { times: { patience: 5000 } },
  );
  await until(() => heard.frames.length >= 25, 'frames');
  expect(heard.online[0]).toMatchObject({ size: { width: 64, height: 48 }, codec: 'h264' });
  const wrong = { kind: 'rtsp', url: url.replace('p%40ss', 'wrong'), transport: 'udp' } as const;
  await expect(new Decoders(short).test(wrong)).rejects.toThrow(
    /^rtsp:\/\/\*\*\*@.*401 Unauthorized/,
  );
});

test('RTSP over TCP; the camera drops its line, goes mute, and is back each time', async () => {
  const path = await shades(await temporaryFolder());
  const relay = await new RtspRelay().listen();
  const live = new AbortController();
  const sent = remux(path, relay.url, 'rtsp', { rtsp_transport: 'tcp' }, live.signal);
  atEnd(async () => {
    live.abort();
    await sent;
    await relay.close();
  });
  const source = { kind: 'rtsp', url: relay.url, transport: 'tcp' } as const;
  const { decoder, heard } = await watched(source, { times: { patience: 3000 } });
  await until(() => heard.frames.length >= 5, 'frames');
  relay.drop();
  await until(() => heard.offline.length > 0, 'the drop');
  let from = heard.frames.length;
  await until(() => heard.frames.length >= from + 5, 'frames after the drop');
  expect(heard.frames[from]!.stretch).toBeGreaterThan(heard.frames[from - 1]!.stretch);
  const before = heard.offline.length;
  relay.mute = true;
  await until(() => heard.offline.length > before, 'the stall');
  expect(heard.offline[before]!.reason).toContain(`${relay.url}: no picture for `);
  relay.mute = false;
  from = heard.frames.length;
  await until(() => heard.frames.length >= from + 5, 'frames after the stall');
  expect(heard.frames[from]!.stretch).toBeGreaterThan(heard.frames[from - 1]!.stretch);
  expect(decoder.counts.reconnects).toBeGreaterThanOrEqual(2);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
