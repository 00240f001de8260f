import type { CameraState } from '../contract/camera.ts';
import { describe, type Situation } from './situation.ts';

/** The state that a person sees, since when it is so, and whether its line has changed. */
export class ShownState {
  readonly #situation: () => Situation;
  readonly #onChange: () => void;
  #shown: { readonly state: CameraState; readonly since: number };
  #announced = '';

  /** @param onChange called when something of the camera may look different */
  constructor(situation: () => Situation, onChange: () => void) {
    this.#situation = situation;
    this.#onChange = onChange;
    this.#shown = { state: describe(situation()).state, since: Date.now() };
  }

  get now(): { readonly state: CameraState; readonly since: number; readonly detail: string } {
    return { ...this.#shown, detail: describe(this.#situation()).detail };
  }

  changed(): void {
    const { state, detail } = describe(this.#situation());
    if (state !== this.#shown.state) this.#shown = { state, since: Date.now() };
    this.#announced = detail;
    this.#onChange();
  }

  /** Called once a second: the line may change by itself. */
  tick(): void {
    if (describe(this.#situation()).detail !== this.#announced) this.changed();
  }
}
