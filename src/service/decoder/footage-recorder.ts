import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Light, MeanLight } from '../../scoring/light/light.ts';
import type { FrameFormat } from '../../video/frame.ts';
import { openVideoWriter, type VideoWriter } from '../../video/write.ts';
import type { RecordedFile } from '../parts.ts';

/** Milliseconds of footage in one file. */
const fileLength = 60_000;

/** Frames that wait for the disk at most; a file ends where more would. */
const mostWaiting = 30;

export interface RecordingOptions {
  readonly format: FrameFormat;
  /** Frames a second, about. */
  readonly fps: number;
  /** Settles when no other recorder writes into the folder. */
  readonly after: Promise<void>;
}

interface OpenFile {
  readonly path: string;
  readonly from: number;
  readonly writer: VideoWriter;
  readonly light: MeanLight;
  to: number;
  frames: number;
}

/**
 * Records frames of a model's format as nearly lossless H.264, at the times at which they came, in files of
 * about a minute, named after the time of their first frame. Files are reported once they are complete.
 */
export class FootageRecorder {
  readonly #folder: string;
  readonly #format: FrameFormat;
  readonly #fps: number;
  readonly #onRecorded: (file: RecordedFile) => void;
  readonly #onFailed: (reason: string) => void;
  #work: Promise<void>;
  #waiting = 0;
  #missed = false;
  #file: OpenFile | undefined;
  #failed = false;

  constructor(
    folder: string,
    { format, fps, after }: RecordingOptions,
    onRecorded: (file: RecordedFile) => void,
    onFailed: (reason: string) => void,
  ) {
    this.#folder = folder;
    this.#format = format;
    this.#fps = fps;
    this.#onRecorded = onRecorded;
    this.#onFailed = onFailed;
    // A process that was killed leaves the file that it wrote.
    this.#work = after.then(() => removeTemporary(folder));
  }

  /** Never waits. @param data planar, of the format @param light of the picture */
  push(time: number, data: Uint8Array, light?: Light): void {
    if (this.#failed) return;
    if (this.#waiting >= mostWaiting) {
      this.#missed = true;
      return;
    }
    if (this.#missed) this.interrupt();
    this.#missed = false;
    this.#then(async () => {
      if (this.#file && time - this.#file.from >= fileLength) await this.#close();
      this.#file ??= await this.#open(time);
      await this.#file.writer.write(data, (time - this.#file.from) / 1000);
      this.#file.to = time;
      if (light) this.#file.light.push(light);
      this.#file.frames++;
    });
  }

  /** What comes next does not follow on what came before. */
  interrupt(): void {
    this.#then(() => this.#close());
  }

  /** Settles when the last file is reported. */
  async end(): Promise<void> {
    this.interrupt();
    await this.#work;
  }

  #then(work: () => Promise<void>): void {
    this.#waiting++;
    this.#work = this.#work.then(async () => {
      try {
        if (!this.#failed) await work();
      } catch (error) {
        this.#failed = true;
        await this.#file?.writer.abort();
        this.#file = undefined;
        this.#onFailed((error as Error).message);
      } finally {
        this.#waiting--;
      }
    });
  }

  async #open(time: number): Promise<OpenFile> {
    const path = join(this.#folder, `${new Date(time).toISOString().replaceAll(':', '-')}.mp4`);
    const { width, height, channels } = this.#format;
    const pixels = channels === 1 ? 'gray' : 'rgb planes';
    const writer = await openVideoWriter(path, { width, height, fps: this.#fps, crf: 10, pixels });
    return { path, from: time, writer, light: new MeanLight(), to: time, frames: 0 };
  }

  async #close(): Promise<void> {
    if (!this.#file) return;
    const { writer, light, ...file } = this.#file;
    await writer.close();
    this.#file = undefined;
    this.#onRecorded({ ...file, light: light.mean });
  }
}

async function removeTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
}
