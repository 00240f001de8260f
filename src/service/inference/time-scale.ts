import type { Ring } from '../../detector/ring.ts';
import { CELL, cellGrid, type ModelConfiguration } from '../../model/configuration.ts';

/** How often its usual change a scale must show, for something to stand out. */
const STANDS_OUT = 2;

/** Gray levels below which a change is noise: a still camera's usual change is nothing. */
const LEAST_CHANGE = 0.25;

/** Cells around the worst one that are looked at, too, on each side. */
const AROUND = 1;

interface Scale {
  readonly stride: number;
  readonly seconds: number;
  /** The whole picture's mean absolute difference over that many frames, averaged over all frames so far. */
  usual: number;
}

/** Pixels from `left`, `top` to before `right`, `bottom`. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Tells at which of a model's time scales a place changes most, measured by what is usual for its
 * camera at that scale. Its state is a number for each scale.
 */
export class TimeScales {
  readonly #configuration: ModelConfiguration;
  readonly #scales: readonly Scale[];
  #frames = 0;

  /** @param fps frames a second of the camera */
  constructor(configuration: ModelConfiguration, fps: number) {
    this.#configuration = configuration;
    this.#scales = configuration.temporal.strides.map((stride) => ({
      stride,
      seconds: stride / fps,
      usual: 0,
    }));
  }

  /**
   * To be called once a frame that has a score.
   * @param frames of the camera's stream, `[C, H, W]` each
   * @param worst the cell that is looked at, undefined where none is bad enough
   * @returns seconds of the scale that stands out most; null where none does
   */
  push(frames: Ring<Uint8Array>, worst: number | undefined): number | null {
    const { width, height } = this.#configuration.input;
    const whole = { left: 0, top: 0, right: width, bottom: height };
    const place = worst === undefined ? undefined : this.#around(worst);
    let most = STANDS_OUT;
    let found: number | null = null;
    this.#frames += 1;
    for (const scale of this.#scales) {
      const change = (box: Box) => this.#change(frames.at(0), frames.at(scale.stride), box);
      scale.usual += (change(whole) - scale.usual) / this.#frames;
      if (!place) continue;
      const share = change(place) / Math.max(LEAST_CHANGE, scale.usual);
      if (share > most) [most, found] = [share, scale.seconds];
    }
    return found;
  }

  #around(cell: number): Box {
    const { width, height } = cellGrid(this.#configuration);
    const x = cell % width;
    const y = (cell - x) / width;
    return {
      left: CELL * Math.max(0, x - AROUND),
      top: CELL * Math.max(0, y - AROUND),
      right: CELL * Math.min(width, x + AROUND + 1),
      bottom: CELL * Math.min(height, y + AROUND + 1),
    };
  }

  /** Mean absolute difference of two pictures within a box, in gray levels. */
  #change(now: Uint8Array, before: Uint8Array, { left, top, right, bottom }: Box): number {
    const { width, height, channels } = this.#configuration.input;
    let sum = 0;
    for (let plane = 0; plane < channels; plane++)
      for (let y = top; y < bottom; y++) {
        const row = (plane * height + y) * width;
        for (let i = row + left; i < row + right; i++) sum += Math.abs(now[i]! - before[i]!);
      }
    return sum / (channels * (bottom - top) * (right - left));
  }
}
