import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { JpegFinder } from '../../src/video/live/jpeg-finder.ts';
import { openLive } from '../../src/video/live/open.ts';
import { StreamLost } from '../../src/video/live/stream.ts';
import { jpeg, noise, plain } from './footage.ts';
import { type HttpCameraOptions, httpCamera, type Manner } from './http-camera.ts';

const size = { width: 64, height: 48 };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});

const pictures = () =>
  Promise.all([40, 90, 140, 190].map((value) => jpeg(size, plain(size, value))));

async function camera(manner: Manner, options?: HttpCameraOptions) {
  const server = await httpCamera(manner, await pictures(), options);
  opened.push(server);
  return server;
}

/** The first pixel of the next pictures. */
async function look(url: string, count = 5, perSecond = 30): Promise<number[]> {
  const stream = await openLive({ kind: 'http', url }, { perSecond });
  opened.push(stream);
  const seen = [];
  for (let i = 0; i < count; i++) {
    const picture = await stream.next();
    expect(picture).toMatchObject(size);
    seen.push(picture!.data![0]![0]!);
  }
  await stream.close();
  return seen;
}

const known = (values: readonly number[]) =>
  values.map((value) => [40, 90, 140, 190].findIndex((level) => Math.abs(level - value) < 4));

describe('pictures of a camera over HTTP', () => {
  test.each([
    'plain',
    'no first boundary',
    'image/jpg',
    'no part type',
    'wrong lengths',
    'no type at all',
    'snapshot',
    'snapshot without type',
  ] as const)('come one after another: %s', async (manner) => {
    const seen = known(await look((await camera(manner)).url));
    expect(seen).not.toContain(-1);
    for (const [i, picture] of seen.entries()) expect(picture).not.toBe(seen[i - 1]);
  });

  test('that are cut off are left out', async () => {
    const seen = known(await look((await camera('every second cut off')).url, 6));
    // Of four pictures the second and the fourth are cut off.
    for (const picture of seen) expect([0, 2]).toContain(picture);
  });

  test('of a camera that is slower than it is asked come once each', async () => {
    const server = await camera('slow snapshot');
    const seen = known(await look(server.url, 4, 50));
    for (const [i, picture] of seen.entries()) expect(picture).not.toBe(seen[i - 1]);
    expect(server.requests).toBeGreaterThan(10);
  });

  test('come where the address has moved, but from no file', async () => {
    const { url } = await camera('plain');
    expect(known(await look(`${url}moved`, 2))).not.toContain(-1);
    await expect(look(`${url}elsewhere`)).rejects.toThrow('redirects to a non-HTTP address');
  });
});

describe('a login', () => {
  const user = 'op"erator';
  const password = 'p@ss/wo:rd%';
  const address = (url: string, name: string, secret: string) =>
    url.replace('//', `//${encodeURIComponent(name)}:${encodeURIComponent(secret)}@`);

  test.each([
    ['basic', false],
    ['MD5', false],
    ['MD5', true],
    ['MD5-sess', true],
    ['SHA-256', true],
    ['SHA-256-sess', true],
  ])('by %s, with qop: %s', async (algorithm, qop) => {
    for (const manner of ['plain', 'snapshot'] as const) {
      const { url } = await camera(manner, { login: { user, password, algorithm, qop } });
      expect(known(await look(address(url, user, password), 3))).not.toContain(-1);
      for (const wrong of [url, address(url, user, 'other')]) {
        const failed = look(wrong);
        await expect(failed).rejects.toThrow(StreamLost);
        await expect(failed).rejects.toThrow('user or password is wrong, or missing');
      }
    }
  });
});

test('a read that waits ends when it is told to, and when patience does', async () => {
  const server = await httpCamera('snapshot', [Buffer.from('no picture')]);
  opened.push(server);
  const ended = new AbortController();
  const stream = await openLive({ kind: 'http', url: server.url }, { signal: ended.signal });
  const next = expect(stream.next()).rejects.toThrow();
  ended.abort();
  await next;
  await stream.close();
  const impatient = await openLive({ kind: 'http', url: server.url }, { patience: 300 });
  await expect(impatient.next()).rejects.toThrow('answers without a whole picture');
  await impatient.close();
});

test('pictures are found whole, in whatever pieces the bytes come', async () => {
  const whole = await Promise.all([1, 2, 3].map((seed) => jpeg(size, noise(size, seed))));
  const stream = Buffer.concat([
    Buffer.from('--x\r\n\xff\xd8 Content-Length: 3\r\n\r\n', 'latin1'),
    whole[0]!,
    whole[1]!.subarray(0, whole[1]!.length >> 1),
    Buffer.from('\r\n--x\r\n\r\n'),
    whole[2]!,
    Buffer.from('\r\n--x--'),
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (lengths) => {
      const finder = new JpegFinder();
      const found: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const length = lengths[i % lengths.length]!;
        found.push(...finder.push(stream.subarray(at, at + length)).map((one) => Buffer.from(one)));
        at += length;
      }
      expect(found.map((one) => whole.findIndex((picture) => picture.equals(one)))).toEqual([0, 2]);
    }),
  );
});
