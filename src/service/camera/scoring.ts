import type { CameraFrame, CameraScore, Heatmap, Inference } from '../parts.ts';
import { Stretch } from './stretch.ts';
import type { CameraWatch } from './watch.ts';

/** The camera whose frames are scored. */
export interface ScoredCamera {
  /** Undefined while no model is in use. */
  watch(): CameraWatch | undefined;
  /** The light of a frame may take another model into use. */
  see(frame: CameraFrame): void;
  /** Whether it shows another scene than the one it learned: nothing is scored then. */
  sceneChanged(): boolean;
  onChange(): void;
}

/** Sends a camera's frames to inference and its scores to what watches it. */
export class CameraScoring {
  readonly #id: string;
  readonly #inference: Pick<Inference, 'push'>;
  readonly #camera: ScoredCamera;
  readonly #stretch = new Stretch();
  #heatmap: Heatmap | undefined;
  #lost: { readonly reason: string; readonly givenUp: boolean } | undefined;

  constructor(id: string, inference: Pick<Inference, 'push'>, camera: ScoredCamera) {
    this.#id = id;
    this.#inference = inference;
    this.#camera = camera;
  }

  /** Why the inference process is gone; undefined while it runs. */
  get lost(): { readonly reason: string; readonly givenUp: boolean } | undefined {
    return this.#lost;
  }

  /** Of the last score; undefined where none was lately. */
  get heatmap(): Heatmap | undefined {
    return (this.#camera.watch()?.warmingUp ?? true) ? undefined : this.#heatmap;
  }

  /** Another decoder, with stretches of its own, provides the frames from now on. */
  begin(): void {
    this.#stretch.end();
  }

  push(frame: CameraFrame): void {
    if (!this.#camera.sceneChanged()) this.#camera.see(frame);
    const watch = this.#camera.watch();
    if (!watch || this.#camera.sceneChanged()) {
      this.#stretch.end();
      return;
    }
    const stretch = this.#stretch.of(frame.stretch);
    watch.follow(stretch);
    this.#inference.push(this.#id, { ...frame, stretch });
  }

  scored(score: CameraScore): void {
    if (this.#camera.sceneChanged()) return;
    this.#heatmap = (score.seen ?? score).heatmap;
    this.#camera.watch()?.score(score);
  }

  processLost(reason: string, givenUp: boolean): void {
    this.#lost = { reason, givenUp };
    this.#camera.watch()?.interrupt();
    this.#camera.onChange();
  }

  processReady(): void {
    this.#lost = undefined;
    this.#stretch.end();
    this.#camera.onChange();
  }
}
