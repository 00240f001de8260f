import type { Size } from '../../video/frame.ts';
import type { CameraSettings } from '../contract/camera.ts';
import { requireModelFolder } from '../files/data-folder.ts';
import type { CameraDecoder, CameraFrame, CheckedModel } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { lastLight, NightAndDay } from './night-and-day.ts';
import { CameraWatch } from './watch.ts';

/** Milliseconds after which a model that was refused is tried again. */
const RETRY = 60_000;

/** The camera that a model watches. */
export interface WatchedCamera {
  /** The model that should be in use; null where none should. */
  model(): string | null;
  /** Undefined while the camera is stopped. */
  decoder(): CameraDecoder | undefined;
  settings(): CameraSettings;
  /** Of its pictures, once one has come. */
  size(): Size | null;
  /** Frames a second that should be scored. */
  expectedPace(): number;
  /** Whether the scores that are stored are of the model that should be in use. */
  scoresKnown(): boolean;
  onChange(): void;
}

/** The model that watches a camera: it is checked, opened, replaced, and tried again when refused. */
export class ModelInUse {
  readonly #id: string;
  readonly #context: CameraContext;
  readonly #camera: WatchedCamera;
  #watch: CameraWatch | undefined;
  #models: NightAndDay | undefined;
  #doubts = { scene: false, light: false };
  /** Watches of another light whose last events are not over. */
  readonly #closing = new Set<Promise<void>>();
  #trouble: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(id: string, context: CameraContext, camera: WatchedCamera) {
    this.#id = id;
    this.#context = context;
    this.#camera = camera;
  }

  /** What is made of its scores; undefined while none is in use. */
  get watch(): CameraWatch | undefined {
    return this.#watch;
  }

  /** Why it cannot be used. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Checks the model that should be in use, and uses it. */
  async open(): Promise<void> {
    const model = this.#camera.model();
    const decoder = this.#camera.decoder();
    if (model === null || !decoder) return;
    try {
      const folder = requireModelFolder(model);
      const checked = await this.#context.models.check(folder);
      if (this.#camera.decoder() !== decoder || this.#watch) return;
      // Another learning began meanwhile, or its model is there.
      if (this.#camera.model() !== model) return;
      this.use(folder, checked);
    } catch (error) {
      if (this.#camera.decoder() === decoder) this.#refuse((error as Error).message);
    }
  }

  /** Watches with a model that was checked. */
  use(folder: string, checked: CheckedModel): void {
    const camera = this.#camera;
    const decoder = camera.decoder();
    this.#trouble = undefined;
    if (!decoder) return;
    this.#models = new NightAndDay(folder, checked, lastLight(this.#context.store, this.#id));
    this.#watch = this.#begin(this.#models, decoder);
    decoder.setFormat(checked.format);
    this.place();
    camera.onChange();
  }

  /** The camera's light: another one takes another model, which warms up as after a break. */
  see(frame: CameraFrame): void {
    const decoder = this.#camera.decoder();
    const [models, before] = [this.#models, this.#watch];
    if (!models || !before || !decoder) return;
    const doubtful = models.see(frame);
    if (models.model.light === before.light) {
      this.#doubt('light', doubtful);
      return;
    }
    // What the change of light raised is no alarm, and still waits.
    this.#doubts.light = false;
    before.retract(`The light changed: ${models.model.light} now`);
    const closed = before.close();
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
    this.#watch = this.#begin(models, decoder);
    this.#watch.keeper.saved = before.keeper.saved;
    this.place();
    this.#camera.onChange();
  }

  /** Whether the view is being judged. */
  doubtScene(doubtful: boolean): void {
    this.#doubt('scene', doubtful);
  }

  /** It cannot score any more; settles when the events under way are over. */
  failed(reason: string): Promise<void> {
    const closed = this.close();
    this.#refuse(reason);
    return closed;
  }

  /** Tells inference of the model and the size of the camera's pictures. */
  place(): void {
    const size = this.#camera.size();
    if (!this.#watch || !size) return;
    const pace = this.#camera.expectedPace();
    const { regions } = this.#camera.settings();
    this.#context.inference.watch(this.#id, this.#watch.folder, size, pace, regions);
  }

  /** Watches no more; settles when the events under way are over. */
  async close(): Promise<void> {
    const watch = this.#watch;
    if (!watch) return;
    this.#watch = undefined;
    this.#models = undefined;
    this.#doubts.light = false;
    this.#context.inference.unwatch(this.#id);
    this.#camera.decoder()?.setFormat(null);
    this.#camera.onChange();
    await Promise.all([watch.close(), ...this.#closing]);
  }

  /** Forgets a trouble, and tries no more. */
  forget(): void {
    clearTimeout(this.#retry);
    this.#trouble = undefined;
  }

  #begin(models: NightAndDay, decoder: CameraDecoder): CameraWatch {
    const camera = this.#camera;
    const { folder, measured, light } = models.model;
    const model = camera.model() ?? folder;
    const watch = new CameraWatch(this.#id, this.#context, {
      folder,
      decoder,
      settings: () => camera.settings(),
      size: () => camera.size() ?? { width: 0, height: 0 },
      model: light === 'night' ? folder : model,
      light,
      scoresKnown: () => camera.scoresKnown(),
      measured,
      onAlarm: () => camera.onChange(),
    });
    if (this.#doubts.scene) watch.doubt(true);
    return watch;
  }

  #doubt(of: 'scene' | 'light', doubtful: boolean): void {
    if (this.#doubts[of] === doubtful) return;
    this.#doubts[of] = doubtful;
    this.#watch?.doubt(this.#doubts.scene || this.#doubts.light);
  }

  #refuse(reason: string): void {
    this.#context.logger.warn({ camera: this.#id, reason }, 'model refused');
    this.#trouble = reason;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (!this.#watch) void this.open();
    }, RETRY);
    this.#camera.onChange();
  }
}
