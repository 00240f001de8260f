import { request } from 'node:http';
import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import { scoreOf } from '../camera/fakes.ts';
import { runningServer } from './running.ts';

const running = runningServer();

/** Red, green and blue at a place of a JPEG, as shares of its size. */
async function pixelAt(jpeg: Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
  return [...data.subarray(at, at + 3)];
}

/** How much another picture differs at a place in the middle of its height. */
async function changeAt(one: Buffer, other: Buffer, x: number): Promise<number> {
  const [before, after] = [await pixelAt(one, x, 0.5), await pixelAt(other, x, 0.5)];
  return Math.max(...before.map((value, i) => Math.abs(value - after[i]!)));
}

/** Something stands out on the right; nothing on the left. */
function score(value: number): void {
  const { scoring } = running();
  scoring.onScore('yard', {
    ...scoreOf(Date.now(), value),
    heatmap: { width: 2, height: 1, data: new Uint8Array([0, 255]) },
  });
}

/** The picture that the staged decoder shows, once it has. */
const shown = () =>
  vi.waitFor(
    () => {
      const picture = running().service.cameras.picture('yard');
      expect(picture).toBeDefined();
      return picture!;
    },
    { timeout: 60_000 },
  );

/** The first pictures of a stream. */
function pictures(path: string, count: number): Promise<{ type: string; jpegs: Buffer[] }> {
  const { address, admin } = running();
  return new Promise((resolve, reject) => {
    const asking = request(`${address}${path}`, { headers: { authorization: `Bearer ${admin}` } });
    asking.on('error', reject).on('response', (response) => {
      let bytes = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        const jpegs: Buffer[] = [];
        let rest = bytes;
        for (;;) {
          const head =
            /--m2s2l-picture\r\ncontent-type: image\/jpeg\r\ncontent-length: (\d+)\r\n\r\n/;
          const found = head.exec(rest.toString('latin1'));
          if (!found) break;
          const start = found.index + found[0].length;
          const end = start + Number(found[1]);
          if (rest.length < end) break;
          jpegs.push(rest.subarray(start, end));
          rest = rest.subarray(end);
        }
        if (jpegs.length < count) return;
        asking.destroy();
        resolve({ type: String(response.headers['content-type']), jpegs });
      });
      response.on('error', () => undefined);
    });
    asking.end();
  });
}

test('a snapshot by address, with the heatmap only where that is asked for', async () => {
  const { ask } = running();
  const plain = Buffer.from((await shown()).jpeg);
  score(1);
  const bare = await ask('GET', '/api/cameras/yard/picture');
  expect(bare.bytes.equals(plain)).toBe(true);
  const over = await ask('GET', '/api/cameras/yard/picture?overlay=1');
  expect(over.headers['content-type']).toBe('image/jpeg');
  expect(await changeAt(plain, over.bytes, 0.9)).toBeGreaterThan(20);
  expect(await changeAt(plain, over.bytes, 0.1)).toBeLessThan(12);
});

test('a stream by address: MJPEG of the overlay, one picture each time there is another', async () => {
  const { decoders } = running();
  const picture = await shown();
  const decoder = decoders.get('Back yard')!;
  score(1);
  let time = picture.time;
  const coming = setInterval(() => decoder.listener.onPicture({ ...picture, time: ++time }), 20);
  try {
    const { type, jpegs } = await pictures('/api/cameras/yard/stream?overlay=1&fps=5', 2);
    expect(type).toBe('multipart/x-mixed-replace; boundary=m2s2l-picture');
    const [plain, over] = [Buffer.from(picture.jpeg), jpegs[0]!];
    expect(await changeAt(plain, over, 0.9)).toBeGreaterThan(20);
    const bare = await pictures('/api/cameras/yard/stream?fps=5', 1);
    expect(bare.jpegs[0]!.equals(plain)).toBe(true);
  } finally {
    clearInterval(coming);
  }
});

test('no more than sixteen streams, and none of a camera that is not there', async () => {
  const { address, admin, ask } = running();
  expect((await ask('GET', '/api/cameras/nobody/stream')).status).toBe(404);
  const open = Array.from({ length: 16 }, () => {
    const asking = request(`${address}/api/cameras/yard/stream`, {
      headers: { authorization: `Bearer ${admin}` },
    });
    const answered = new Promise<number>((resolve) =>
      asking.on('response', (response) => {
        response.on('error', () => undefined).resume();
        resolve(response.statusCode!);
      }),
    );
    asking.on('error', () => undefined).end();
    return { asking, answered };
  });
  for (const { answered } of open) expect(await answered).toBe(200);
  expect((await ask('GET', '/api/cameras/yard/stream')).status).toBe(429);
  for (const { asking } of open) asking.destroy();
  await vi.waitFor(async () => {
    const { jpegs } = await pictures('/api/cameras/yard/stream', 1);
    expect(jpegs).toHaveLength(1);
  });
});
