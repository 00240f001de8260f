import { dayShare, type LightClusters, type LightName } from './clusters.ts';
import type { Light } from './light.ts';

/** How far beyond the middle between the two lights the other one begins, of their distance. */
const MARGIN = 0.1;

/** Milliseconds that the other light must last. */
const HELD = 10_000;

/** Milliseconds without a frame after which what came before says nothing of how long it lasts. */
const BREAK = 5000;

/** What is known of a camera's light. */
export interface FollowedLight {
  /** The light whose model should be in use. */
  readonly light: LightName;
  /** It may be the other one. */
  readonly doubtful: boolean;
}

/**
 * Follows a camera's light: another one counts once it has lasted. Lamps that flicker and a dusk that
 * hangs between the two change nothing.
 */
export class LightFollower {
  readonly #clusters: LightClusters;
  #light: LightName;
  #otherSince: number | undefined;
  #time = Number.NEGATIVE_INFINITY;

  /** @param light that is taken for the first */
  constructor(clusters: LightClusters, light: LightName) {
    this.#clusters = clusters;
    this.#light = light;
  }

  /** @param time of the frame, in milliseconds */
  push(time: number, light: Light): FollowedLight {
    if (time - this.#time > BREAK || time < this.#time) this.#otherSince = undefined;
    this.#time = time;
    const day = dayShare(this.#clusters, light);
    const other = this.#light === 'day' ? day < 0.5 - MARGIN : day > 0.5 + MARGIN;
    if (!other) this.#otherSince = undefined;
    else this.#otherSince ??= time;
    if (this.#otherSince !== undefined && time - this.#otherSince >= HELD) {
      this.#light = this.#light === 'day' ? 'night' : 'day';
      this.#otherSince = undefined;
    }
    return { light: this.#light, doubtful: this.#otherSince !== undefined };
  }
}
