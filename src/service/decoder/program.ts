import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { UnknownCase, UserError } from '../../errors.ts';
import { PictureConverter } from '../../video/convert.ts';
import { displaySize } from '../../video/display-size.ts';
import { loadFFmpeg } from '../../video/ffmpeg.ts';
import { openLive } from '../../video/live/open.ts';
import type { CameraSource } from '../contract/camera.ts';
import { superviseThis } from '../process/child.ts';
import { Camera, fitted } from './camera.ts';
import type { Film } from './film.ts';
import { untilKept } from './kept-pictures.ts';
import type { DecoderMessage, DecoderOrder, Failure } from './messages.ts';
import { explained } from './picture-source.ts';

// One camera a process: threads of the codecs would only take turns with each other.
sharp.concurrency(1);
sharp.cache(false);

let camera: Promise<Camera> | undefined;
/** Those that are being written, by their numbers. */
const films = new Map<number, Film>();

const line = superviseThis<DecoderOrder, DecoderMessage>(async (order) => {
  switch (order.kind) {
    case 'open':
      camera = Camera.watch(order.camera, line);
      await camera;
      return;
    case 'test':
      line.send(await test(order.source, order.patience));
      return;
    case 'close':
      await (await camera)?.close();
      line.send({ kind: 'closed' });
      return;
    case 'format':
      (await opened()).setFormat(order.format);
      return;
    case 'record':
      (await opened()).record(order.recording);
      return;
    case 'ignore':
      (await opened()).ignore(order.regions);
      return;
    case 'learn scene':
      (await opened()).learnScene();
      return;
    case 'thumbnail': {
      const { id, time, heatmap, folder } = order;
      await answer(id, (await opened()).thumbnail(time, heatmap, folder));
      return;
    }
    case 'clip': {
      const { id, from, to, path } = order;
      await sleep(untilKept(to, Date.now()));
      await answer(id, (await opened()).clip(from, to, path));
      return;
    }
    case 'film':
      films.set(order.id, (await opened()).film(order.from, order.path));
      return;
    case 'film until':
      // Its end throws what went wrong.
      await films
        .get(order.id)
        ?.until(order.time)
        .catch(() => undefined);
      return;
    case 'film ends': {
      const film = films.get(order.id);
      if (!film) throw new Error('a film ended that had not begun');
      films.delete(order.id);
      await sleep(untilKept(order.time, Date.now()));
      await answer(order.id, film.end(order.time));
      return;
    }
    default:
      throw new UnknownCase(order satisfies never);
  }
});

/** The camera of the `open` that comes before all other orders to it. */
async function opened(): Promise<Camera> {
  const watched = await camera;
  if (!watched) throw new Error('an order came before the camera was opened');
  return watched;
}

async function answer(id: number, work: Promise<void>): Promise<void> {
  const failed = await work.then(() => undefined, failure);
  line.send(failed ? { kind: 'done', id, failed } : { kind: 'done', id });
}

function failure(error: unknown): Failure {
  return { message: (error as Error).message, users: error instanceof UserError };
}

async function test(source: CameraSource, patience: number): Promise<DecoderMessage> {
  try {
    const stream = await openLive(source, { patience });
    const picture = await stream.next();
    if (!picture) throw new Error('not one picture of it can be decoded');
    const { width, height } = displaySize(picture);
    const shown = fitted({ width, height });
    const { data } = new PictureConverter(await loadFFmpeg()).toOriginal(picture, shown);
    const jpeg = await sharp(data, { raw: { ...shown, channels: 3 } })
      .jpeg({ quality: 75 })
      .toBuffer();
    const { fps, codec } = stream;
    return { kind: 'tested', size: { width, height }, fps, codec, jpeg };
  } catch (error) {
    return {
      kind: 'not tested',
      failed: { message: explained(source, (error as Error).message), users: true },
    };
  }
}
