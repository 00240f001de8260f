import type { LightName } from '../../scoring/light/clusters.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { Store } from '../parts.ts';

/** Seconds that wait at most while nothing can be stored; then the oldest are lost. */
const ROOM = 3600;

/**
 * The highest score of each second of a camera, on its way to the store. Written now and then, so
 * that a second costs no transaction; a service that is killed loses what was not written yet.
 */
export class ScoreHistory {
  readonly #camera: string;
  readonly #store: Pick<Store, 'addScores'>;
  readonly #light: LightName | undefined;
  #from = 0;
  #peaks: number[] = [];

  /** @param light of which model, where the camera has one for each */
  constructor(camera: string, store: Pick<Store, 'addScores'>, light?: LightName) {
    this.#camera = camera;
    this.#light = light;
    this.#store = store;
  }

  push(time: number, score: number): void {
    const second = Math.floor(time / 1000) * 1000;
    if (this.#peaks.length === 0) this.#from = second;
    const index = (second - this.#from) / 1000;
    // A clock that was set back, or far ahead: what is here is of another time.
    if (index < 0 || index >= 2 * ROOM) {
      this.flush();
      this.#peaks = [];
      this.#from = second;
      this.#peaks.push(score);
      return;
    }
    while (this.#peaks.length <= index) this.#peaks.push(Number.NaN);
    const peak = this.#peaks[index]!;
    if (!(peak >= score)) this.#peaks[index] = score;
    if (this.#peaks.length > ROOM) {
      const excess = this.#peaks.length - ROOM;
      this.#peaks.splice(0, excess);
      this.#from += 1000 * excess;
    }
  }

  /**
   * Writes the seconds that are over; the one under way stays.
   * @param all that one, too
   * @returns false where the disk is full: they stay here
   */
  flush(all = true): boolean {
    const count = all ? this.#peaks.length : this.#peaks.length - 1;
    if (count < 1) return true;
    const peaks = Float32Array.from(this.#peaks.slice(0, count));
    if (
      !ifRoom(() =>
        this.#store.addScores(this.#camera, { from: this.#from, peaks, light: this.#light }),
      )
    )
      return false;
    this.#peaks.splice(0, count);
    this.#from += 1000 * count;
    return true;
  }
}
