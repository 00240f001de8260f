import { isDeepStrictEqual } from 'node:util';
import type { CameraSettings } from '../contract/camera.ts';
import type { CameraContext } from './context.ts';
import type { CameraSight } from './sight.ts';
import type { CameraWatch } from './watch.ts';

/** The camera to which settings are applied while it runs. */
export interface AppliedCamera {
  /** As they are stored. */
  settings(): CameraSettings;
  sight(): CameraSight;
  watch(): CameraWatch | undefined;
}

/** A camera's settings with what the profile in force changes of them. */
export class SettingsOfCamera {
  readonly #id: string;
  readonly #context: Pick<CameraContext, 'schedule' | 'inference'>;
  readonly #camera: AppliedCamera;
  #applied: CameraSettings;

  constructor(
    id: string,
    context: Pick<CameraContext, 'schedule' | 'inference'>,
    camera: AppliedCamera,
  ) {
    this.#id = id;
    this.#context = context;
    this.#camera = camera;
    this.#applied = this.now;
  }

  get now(): CameraSettings {
    return this.#context.schedule.inForce(this.#id, this.#camera.settings());
  }

  /** For a decoder that opens. */
  taken(): CameraSettings {
    this.#applied = this.now;
    return this.#applied;
  }

  /**
   * Takes up what is in force now: by its settings, or by another profile.
   * @returns whether anything has changed
   */
  apply(): boolean {
    const before = this.#applied;
    const { regions, budget } = this.taken();
    const watch = this.#camera.watch();
    if (!isDeepStrictEqual(before.regions, regions)) {
      this.#camera.sight().decoder?.ignore(regions);
      this.#context.inference.setRegions(this.#id, regions);
      watch?.regionsChanged();
    }
    if (watch && !isDeepStrictEqual(before.budget, budget)) watch.keeper.budget = budget;
    return !isDeepStrictEqual(before, this.#applied);
  }
}
