/** How bright and how colourful a picture is. */
export interface Light {
  /** Mean of the largest channel of each pixel, 0 to 1. */
  readonly brightness: number;
  /**
   * What of that is colour, 0 to 1: the sum of the channels' ranges over the sum of their largest. Black
   * pixels, whose colour is noise, weigh nothing.
   */
  readonly saturation: number;
}

/** Where the channels of a picture lie. */
export interface PixelOrder {
  /** Bytes from a pixel to the next one that is looked at. */
  readonly step: number;
  /** Bytes from one channel of a pixel to the next. */
  readonly channel: number;
  /** Pixels that are looked at. */
  readonly pixels: number;
}

/** The light of a picture of bytes in three channels, red, green and blue. */
export function lightOf(data: Uint8Array, { step, channel, pixels }: PixelOrder): Light {
  let [largest, ranges] = [0, 0];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = pixel * step;
    const [red, green, blue] = [data[at]!, data[at + channel]!, data[at + 2 * channel]!];
    const most = Math.max(red, green, blue);
    largest += most;
    ranges += most - Math.min(red, green, blue);
  }
  return {
    brightness: pixels > 0 ? largest / (255 * pixels) : 0,
    saturation: largest > 0 ? ranges / largest : 0,
  };
}

/** The mean of lights, one after another. */
export class MeanLight {
  #brightness = 0;
  #saturation = 0;
  #count = 0;

  push({ brightness, saturation }: Light): void {
    this.#brightness += brightness;
    this.#saturation += saturation;
    this.#count += 1;
  }

  /** Undefined where there was none. */
  get mean(): Light | undefined {
    if (this.#count === 0) return undefined;
    return {
      brightness: this.#brightness / this.#count,
      saturation: this.#saturation / this.#count,
    };
  }
}
