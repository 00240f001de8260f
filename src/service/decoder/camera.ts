import sharp from 'sharp';
import { UserError } from '../../errors.ts';
import { type Light, lightOf } from '../../scoring/light/light.ts';
import { cellsOf, type PictureRegion } from '../../scoring/regions/regions.ts';
import { scenePicture } from '../../scoring/scene/look.ts';
import { Scene, type SceneChange } from '../../scoring/scene/scene.ts';
import { PictureConverter } from '../../video/convert.ts';
import { displaySize } from '../../video/display-size.ts';
import { loadFFmpeg } from '../../video/ffmpeg.ts';
import type { FrameFormat, OriginalPicture, Size } from '../../video/frame.ts';
import type { DecodedPicture } from '../../video/live/stream.ts';
import { Thinning } from '../../video/live/thinning.ts';
import type { Heatmap, Recording } from '../parts.ts';
import type { Line } from '../process/child.ts';
import { writeThumbnail } from './event-files.ts';
import { Film } from './film.ts';
import { FootageRecorder } from './footage-recorder.ts';
import { KeptPictures, keptPerSecond } from './kept-pictures.ts';
import type { DecodedCamera, DecoderMessage } from './messages.ts';
import { watchSource } from './picture-source.ts';
import { readScene, writeScene } from './scene-file.ts';

/** Pixels that a live picture is wide at most. */
const widest = 640;

/** Pictures a second that are sent at most. */
const sentPerSecond = 5;

/** Milliseconds between two writings of a look that follows the light. */
const sceneKept = 600_000;

/** Pixels from one to the next, of a live picture's, whose light is measured. */
const lightStep = 16;

/** Milliseconds of the clock that may be taken back before it is a break. */
const clockTremble = 2000;

/** One camera in its decoder's process: what is done with each of its pictures. */
export class Camera {
  readonly #camera: DecodedCamera;
  readonly #line: Line<DecoderMessage>;
  readonly #frames: Thinning;
  readonly #kept = new Thinning(keptPerSecond);
  readonly #sent = new Thinning(sentPerSecond);
  readonly #pictures = new KeptPictures();
  // One for each size: changing it costs more than a picture.
  readonly #toFormat: PictureConverter;
  readonly #toFootage: PictureConverter;
  readonly #toPicture: PictureConverter;
  readonly #toScene: PictureConverter;
  readonly #scene: Scene;
  #learnsScene = false;
  #sceneReported: SceneChange | null | undefined;
  #doubtReported = false;
  #sceneWritten = Number.NEGATIVE_INFINITY;
  #format: FrameFormat | null = null;
  #stretch: number;
  #time = 0;
  #pixels: OriginalPicture | undefined;
  #light: Light | undefined;
  #ignored: readonly PictureRegion[] = [];
  #ignoredPixels: { readonly size: Size; readonly cells: Uint8Array | undefined } | undefined;
  #encoding = false;
  #recorder: FootageRecorder | undefined;
  #recordedFormat: FrameFormat | undefined;
  /** Settles when all recordings before the present one are whole. */
  #recorded: Promise<void> = Promise.resolve();
  #counts = { frames: 0, dropped: 0 };

  private constructor(
    camera: DecodedCamera,
    line: Line<DecoderMessage>,
    scene: Scene,
    converter: () => PictureConverter,
  ) {
    this.#camera = camera;
    this.#line = line;
    this.#stretch = camera.stretch;
    this.#scene = scene;
    this.#frames = new Thinning(camera.fps);
    this.#toFormat = converter();
    this.#toFootage = converter();
    this.#toPicture = converter();
    this.#toScene = converter();
  }

  /** Opens it and watches it until the process ends. */
  static async watch(camera: DecodedCamera, line: Line<DecoderMessage>): Promise<Camera> {
    const ffmpeg = await loadFFmpeg();
    const scene = new Scene(await readScene(camera.sceneFile), camera.scene);
    const watched = new Camera(camera, line, scene, () => new PictureConverter(ffmpeg));
    watched.ignore(camera.ignored);
    watched.#watch();
    return watched;
  }

  setFormat(format: FrameFormat | null): void {
    this.#format = format;
    this.#stretch += 1;
  }

  record(recording: Recording | null): void {
    const after = this.#endRecording();
    if (recording === null) return;
    const { folder, format } = recording;
    this.#recordedFormat = format;
    this.#recorder = new FootageRecorder(
      folder,
      { format, fps: this.#camera.fps, after },
      (file) => this.#line.send({ kind: 'recorded', file }),
      (reason) => this.#line.send({ kind: 'recording failed', reason }),
    );
  }

  /** Settles when what was recorded is whole. */
  async close(): Promise<void> {
    await this.#endRecording();
  }

  #endRecording(): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    this.#recorded = this.#recorded.then(() => recorder?.end());
    return this.#recorded;
  }

  /** From now on the judgement of the scene leaves these out. */
  ignore(regions: readonly PictureRegion[]): void {
    this.#ignored = regions.filter(({ kind }) => kind === 'ignore');
    this.#ignoredPixels = undefined;
    this.#scene.ignored = cellsOf(this.#ignored, scenePicture);
  }

  learnScene(): void {
    this.#scene.learn();
    this.#learnsScene = true;
  }

  /** @throws UserError where no picture is kept of that time, or the disk is full */
  async thumbnail(time: number, heatmap: Heatmap, folder: string): Promise<void> {
    const picture = this.#pictures.nearest(time);
    if (!picture) throw new UserError(`${folder}: no picture is kept of that time`);
    await writeThumbnail(picture, heatmap, folder);
  }

  /** @throws UserError where no picture is kept of that span, or the disk is full */
  async clip(from: number, to: number, path: string): Promise<void> {
    await this.film(from, path).end(to);
  }

  /** A clip that is written as its pictures come. */
  film(from: number, path: string): Film {
    return new Film(this.#pictures, from, path);
  }

  #watch(): void {
    setInterval(() => this.#line.send({ kind: 'counts', ...this.#counts }), 1000);
    void watchSource(this.#camera.source, this.#camera, {
      onOnline: (info) => {
        this.#break();
        this.#line.send({ kind: 'online', ...info });
      },
      onPicture: (picture) => this.#take(picture),
      onOffline: (reason, retryIn, stuck) => {
        // Reported at once, however long the camera stays away.
        this.#recorder?.interrupt();
        this.#scene.interrupt();
        this.#line.send({ kind: 'offline', reason, retryIn });
        if (!stuck) return;
        // A thread that is lost comes back with a new process only; the owner gets the reason first.
        setTimeout(() => {
          throw new Error(reason);
        }, 100);
      },
    });
  }

  /** What comes next does not follow on what came before. */
  #break(): void {
    this.#stretch += 1;
    this.#recorder?.interrupt();
  }

  #take(picture: DecodedPicture): void {
    const now = performance.now();
    const clock = Date.now();
    const setBack = clock < this.#time - clockTremble;
    if (setBack) this.#break();
    this.#time = setBack ? clock : Math.max(clock, this.#time + 1);
    // First: a frame that is given comes with its light.
    if (this.#kept.passes(now)) this.#keep(picture, this.#time, now);
    if (this.#frames.passes(now)) {
      this.#counts.frames++;
      this.#give(picture, this.#time);
    }
  }

  #give(picture: DecodedPicture, time: number): void {
    if (this.#recorder)
      this.#recorder.push(
        time,
        this.#toFootage.toFormat(picture, this.#recordedFormat!),
        this.#light,
      );
    if (!this.#format) return;
    const data = this.#toFormat.toFormat(picture, this.#format);
    if (this.#line.full) {
      this.#counts.dropped++;
      return;
    }
    this.#line.send({
      kind: 'frame',
      frame: { time, data, stretch: this.#stretch, light: this.#light },
    });
  }

  #keep(picture: DecodedPicture, time: number, now: number): void {
    const pixels = this.#toPicture.toOriginal(picture, fitted(displaySize(picture)));
    const same = !!this.#pixels && this.#isSame(pixels, this.#pixels);
    this.#pixels = pixels;
    this.#light = lightOf(pixels.data, {
      step: 3 * lightStep,
      channel: 1,
      pixels: Math.floor((pixels.width * pixels.height) / lightStep),
    });
    this.#judge(this.#toScene.toFormat(picture, scenePicture), now, same);
    // The next picture does not wait for this one's compression.
    if (this.#encoding) return;
    this.#encoding = true;
    const { width, height, data } = pixels;
    void sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 75 })
      .toBuffer()
      .then((jpeg) => {
        this.#encoding = false;
        this.#pictures.add({ time, jpeg });
        if (!this.#line.full && this.#sent.passes(performance.now()))
          this.#line.send({ kind: 'picture', time, jpeg });
      });
  }

  /** Whether nothing has changed that counts: a burned-in clock goes on where the picture stands still. */
  #isSame(now: OriginalPicture, before: OriginalPicture): boolean {
    if (Buffer.compare(now.data, before.data) === 0) return true;
    const { width, height } = now;
    if (this.#ignored.length === 0 || now.data.length !== before.data.length) return false;
    if (this.#ignoredPixels?.size.width !== width || this.#ignoredPixels.size.height !== height)
      this.#ignoredPixels = { size: { width, height }, cells: cellsOf(this.#ignored, now) };
    const { cells } = this.#ignoredPixels;
    if (!cells) return false;
    return now.data.every((value, i) => value === before.data[i] || cells[Math.floor(i / 3)] === 1);
  }

  #judge(picture: Uint8Array, now: number, same: boolean): void {
    const before = this.#scene.learned;
    this.#scene.push(picture, now, same);
    const { change, learned } = this.#scene;
    if (change !== undefined && change !== this.#sceneReported) {
      this.#sceneReported = change;
      this.#line.send({ kind: 'scene', change });
    }
    const { doubtful } = this.#scene;
    if (doubtful !== this.#doubtReported) {
      this.#doubtReported = doubtful;
      this.#line.send({ kind: 'scene doubt', doubtful });
    }
    const taught = this.#learnsScene && !this.#scene.learning;
    if (taught) {
      this.#learnsScene = false;
      this.#line.send({ kind: 'scene learned' });
    }
    const due = taught || now - this.#sceneWritten >= sceneKept;
    if (!learned || learned === before || !due) return;
    this.#sceneWritten = now;
    // Where it cannot be kept, it is learned again after a restart.
    void writeScene(this.#camera.sceneFile, learned).catch(() => undefined);
  }
}

/** The size of a live picture: as wide as allowed, as high as its shape says. */
export function fitted({ width, height }: Size): Size {
  const scale = Math.min(1, widest / width);
  const even = (length: number) => Math.max(2, 2 * Math.round((length * scale) / 2));
  return { width: even(width), height: even(height) };
}
