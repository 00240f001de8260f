import type { Light } from '../../scoring/light/light.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { FrameFormat, Size } from '../../video/frame.ts';
import type { CameraSource, SceneChange, SourceTest } from '../contract/camera.ts';

/** A frame in the model's format, on its way to inference. */
export interface CameraFrame {
  readonly time: number;
  /** Planar bytes `[channels, height, width]`. */
  readonly data: Uint8Array;
  /** Frames of one camera follow each other without a break while this number stays; it only grows. */
  readonly stretch: number;
  /** Of the picture, in colour also where the model's format has none. */
  readonly light?: Light | undefined;
}

/** A picture with what it shows laid over it: the local scores of its peak. */
export interface Heatmap {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 at nothing, 255 at twice the level of a region. */
  readonly data: Uint8Array;
}

/** Where footage is recorded, and in which format. */
export interface Recording {
  readonly folder: string;
  readonly format: FrameFormat;
}

/** From one time to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Footage that was recorded, in one file that is whole. */
export interface RecordedFile {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly frames: number;
  /** The mean of its frames; undefined where it was not measured. */
  readonly light?: Light | undefined;
}

/** A picture of a camera for people to look at: `time` in ms since 1970. */
export interface LivePicture {
  readonly time: number;
  readonly jpeg: Uint8Array;
}

export interface DecoderListener {
  /** Its first picture after a start, a reconnect, or a change of its size. */
  onOnline(info: { readonly size: Size; readonly fps: number; readonly codec: string }): void;
  /** An attempt failed or the pictures stopped; it tries again by itself after `retryIn` ms. */
  onOffline(reason: string, retryIn: number): void;
  onFrame(frame: CameraFrame): void;
  /** For the page, at most five a second, at most 640 pixels wide. */
  onPicture(picture: LivePicture): void;
  onScene(change: SceneChange | null): void;
  /** Whether the scene is being judged: just after a break, or while it seems to change. */
  onDoubt(doubtful: boolean): void;
  onRecorded(file: RecordedFile): void;
  /** Recording failed, as on a full disk; it has stopped. */
  onRecordingFailed(reason: string): void;
}

/** A clip that is being written. */
export interface FilmUnderWay {
  /** Writes the pictures up to a time; to be called before they are kept no more. */
  until(time: number): void;
  /** Writes the last ones. @throws UserError as `CameraDecoder.clip` */
  end(time: number): Promise<void>;
}

/** Decodes one camera in its own process, and reconnects indefinitely. */
export interface CameraDecoder {
  start(): void;
  stop(): Promise<void>;
  /** The format of the frames it gives; none are given while it is null. */
  setFormat(format: FrameFormat | null): void;
  /**
   * Records frames into files of about a minute in a folder, in the format of what will learn from
   * them; null ends it, and the last file is reported.
   */
  record(folder: string | null, format?: FrameFormat): void;
  /** Parts of the picture that the judgement of the scene leaves out. */
  ignore(regions: readonly PictureRegion[]): void;
  /** Takes how the scene looks now (half a minute of it) as how it should look, and keeps it in its file. */
  learnScene(): void;
  /**
   * Writes `thumbnail.jpg` of the kept picture nearest to `time` and `heatmap.png` (RGBA, the size of the
   * heatmap's grid) into a folder, each whole or not at all.
   * @throws UserError where no picture is kept of that time, or the disk is full
   */
  thumbnail(time: number, heatmap: Heatmap, folder: string): Promise<void>;
  /**
   * Writes an MP4 (H.264, at most 640 wide) of the kept pictures from one time to another; about a
   * minute back is kept. Waits until `to` has passed.
   * @throws UserError where nothing is kept, or the disk is full
   */
  clip(from: number, to: number, path: string): Promise<void>;
  /**
   * Begins a clip of pictures from a time on, which may become longer than pictures are kept: it is
   * written as they come.
   */
  film(from: number, path: string): FilmUnderWay;
  readonly counts: {
    readonly frames: number;
    /** Left out because the pipe was full. */
    readonly dropped: number;
    readonly reconnects: number;
    readonly framesPerSecond: number;
  };
  /** Memory of its process, in bytes; 0 while there is none. */
  readonly residentBytes: number;
}

export interface DecoderFactory {
  open(
    options: {
      /** The camera's name, for messages. */
      readonly name: string;
      readonly source: CameraSource;
      readonly fps: number;
      /** Where the look of the scene is kept. */
      readonly sceneFile: string;
      /** Parts of the picture that the judgement of the scene leaves out. */
      readonly ignored: readonly PictureRegion[];
    },
    listener: DecoderListener,
  ): CameraDecoder;
  /** One picture of a source, in a process that ends with it. @throws UserError why there is none. */
  test(source: CameraSource): Promise<SourceTest>;
}
