import type { LightName } from '../../scoring/light/clusters.ts';
import { LightFollower } from '../../scoring/light/follower.ts';
import type { CameraFrame, CheckedModel, Store } from '../parts.ts';

/** A model that watches: in which light, where the camera has one for each. */
export interface LitModel {
  readonly folder: string;
  readonly measured: CheckedModel['threshold'];
  readonly light?: LightName | undefined;
}

/** The models of a camera, one or one for each light, and the light that it has now. */
export class NightAndDay {
  readonly #day: LitModel;
  readonly #night: LitModel | undefined;
  readonly #follower: LightFollower | undefined;
  #light: LightName;

  /** @param light that it is taken to have until its frames say otherwise */
  constructor(folder: string, { threshold, lights }: CheckedModel, light: LightName) {
    this.#light = lights ? light : 'day';
    this.#day = { folder, measured: threshold, ...(lights && { light: 'day' }) };
    if (!lights) return;
    this.#night = {
      folder: lights.night.folder,
      measured: lights.night.threshold,
      light: 'night',
    };
    this.#follower = new LightFollower(lights.clusters, light);
  }

  /** The model that should watch. */
  get model(): LitModel {
    return this.#light === 'night' ? this.#night! : this.#day;
  }

  /** @returns whether the light is changing, and another model may soon have to watch */
  see({ time, light }: Pick<CameraFrame, 'time' | 'light'>): boolean {
    if (!this.#follower || !light) return false;
    const followed = this.#follower.push(time, light);
    this.#light = followed.light;
    return followed.doubtful;
  }
}

/** The light in which a camera was watched last, where it has a model for each. */
export function lastLight(store: Pick<Store, 'keeper'>, camera: string): LightName {
  const timeOf = (light: LightName) => store.keeper(camera, light)?.keeper.time ?? 0;
  return timeOf('night') > timeOf('day') ? 'night' : 'day';
}
