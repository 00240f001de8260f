import { existsSync } from 'node:fs';
import type { Size } from '../../video/frame.ts';
import type { CameraSettings, SceneChange } from '../contract/camera.ts';
import type {
  CameraDecoder,
  CameraFrame,
  DecoderListener,
  LivePicture,
  RecordedFile,
} from '../parts.ts';
import type { CameraContext } from './context.ts';
import { type Contact, Presence } from './presence.ts';

export interface SightListener {
  /** The first picture after a start, a break, or a change of size. */
  onOnline(): void;
  /** Whether pictures come has changed. */
  onContact(): void;
  onFrame(frame: CameraFrame): void;
  onScene(change: SceneChange | null): void;
  onDoubt(doubtful: boolean): void;
  onRecorded(file: RecordedFile): void;
  onRecordingFailed(reason: string): void;
}

/** What a camera shows: its decoder, whether pictures come, and whether the scene is the one it learned. */
export class CameraSight {
  readonly #id: string;
  readonly #context: Pick<CameraContext, 'decoders' | 'folder'>;
  readonly #presence: Presence;
  readonly #listener: SightListener;
  #decoder: CameraDecoder | undefined;
  #size: Size | null = null;
  #sourceFps = 0;
  #scene: SceneChange | null = null;
  #picture: LivePicture | undefined;

  constructor(
    id: string,
    context: Pick<CameraContext, 'decoders' | 'folder' | 'grace'>,
    listener: SightListener,
  ) {
    this.#id = id;
    this.#context = context;
    this.#listener = listener;
    this.#presence = new Presence(context.grace, () => listener.onContact());
  }

  /** Undefined while the camera is stopped. */
  get decoder(): CameraDecoder | undefined {
    return this.#decoder;
  }

  /** Of its pictures, once one has come. */
  get size(): Size | null {
    return this.#size;
  }

  get contact(): Contact {
    return this.#presence.contact;
  }

  /** Why no pictures come, in one line. */
  get contactReason(): string {
    return this.#presence.reason;
  }

  /** What the scene became; null while it is the one that was learned. */
  get scene(): SceneChange | null {
    return this.#scene;
  }

  /** The last picture for the page. */
  get picture(): LivePicture | undefined {
    return this.#picture;
  }

  open({ name, source, fps, regions }: CameraSettings): void {
    this.#presence.start();
    const sceneFile = this.#context.folder.scene(this.#id);
    this.#decoder = this.#context.decoders.open(
      { name, source, fps, sceneFile, ignored: regions },
      this.#decoderListener(),
    );
    this.#decoder.start();
  }

  /**
   * From now on nothing of the decoder counts.
   * @returns ends it: until then the events under way can still take pictures
   */
  leave(): () => Promise<void> {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    this.#presence.stop();
    return async () => {
      await decoder?.stop();
      this.#size = null;
      this.#scene = null;
      this.#picture = undefined;
    };
  }

  /** Frames a second that come to be scored when all goes well. @param fps at most */
  expectedPace(fps: number): number {
    return this.#sourceFps > 0 ? Math.min(fps, this.#sourceFps) : fps;
  }

  #decoderListener(): DecoderListener {
    return {
      // What a decoder says while it is ended does not count.
      onOnline: ({ size, fps }) => {
        if (this.#decoder) this.#online(this.#decoder, size, fps);
      },
      onOffline: (reason) => {
        if (this.#decoder) this.#presence.lost(reason);
      },
      onFrame: (frame) => this.#listener.onFrame(frame),
      onPicture: (picture) => {
        this.#picture = picture;
      },
      onScene: (change) => {
        this.#scene = change;
        this.#listener.onScene(change);
      },
      onDoubt: (doubtful) => this.#listener.onDoubt(doubtful),
      onRecorded: (file) => this.#listener.onRecorded(file),
      onRecordingFailed: (reason) => this.#listener.onRecordingFailed(reason),
    };
  }

  #online(decoder: CameraDecoder, size: Size, fps: number): void {
    this.#size = size;
    this.#sourceFps = fps;
    if (!existsSync(this.#context.folder.scene(this.#id))) decoder.learnScene();
    this.#listener.onOnline();
    this.#presence.online();
  }
}
