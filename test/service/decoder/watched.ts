import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { CameraSource } from '../../../src/service/contract/camera.ts';
import { Decoders, type DecoderTimes } from '../../../src/service/decoder/decoders.ts';
import type { SupervisedOptions } from '../../../src/service/process/supervised.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { hearing } from './heard.ts';
import { MjpegCamera } from './mjpeg-camera.ts';

/** Format of the frames that are asked for. */
export const format = { width: 32, height: 24, channels: 1 } as const;

/** Times that are short enough for a test. */
export const short = { patience: 1500, firstWait: 50, firstGivenUpWait: 300 };

export interface WatchedOptions {
  readonly fps?: number;
  readonly times?: DecoderTimes;
  readonly supervision?: Partial<SupervisedOptions>;
}

/** Cameras and decoders that are closed after each test. */
export function watching() {
  const temporaryFolder = temporaryFolders();
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  return {
    temporaryFolder,
    /** Is called after the test, the last one first. */
    atEnd: (close: () => Promise<void>) => void closing.push(close),
    async mjpegCamera(): Promise<MjpegCamera> {
      const opened = await new MjpegCamera().listen();
      closing.push(() => opened.close());
      return opened;
    },
    /** A decoder that runs, with a folder for its files. */
    async watched(
      source: CameraSource,
      { fps = 10, times = {}, supervision = {} }: WatchedOptions = {},
    ) {
      const folder = await temporaryFolder();
      const { heard, listener } = hearing();
      const decoder = new Decoders({ ...short, ...times }, supervision).open(
        { name: 'test', source, fps, sceneFile: join(folder, 'scene.json'), ignored: [] },
        listener,
      );
      closing.push(() => decoder.stop());
      decoder.setFormat(format);
      decoder.start();
      return { decoder, heard, folder };
    },
  };
}
