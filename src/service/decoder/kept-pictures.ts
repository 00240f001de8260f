/** Pictures a second that are kept at most. */
export const keptPerSecond = 10;

/** Milliseconds that pictures are kept. */
const keptLong = 75_000;

/** Milliseconds after a time in which its last picture may still be compressed. */
const compression = 300;

/**
 * Milliseconds until all pictures up to a time are kept. No longer than they are kept at all: a time
 * may be hours ahead of a clock that was set back.
 */
export const untilKept = (time: number, now: number): number =>
  Math.min(keptLong, Math.max(0, time + compression - now));

/** A cut of a camera, kept for thumbnails and clips. */
export interface KeptPicture {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly jpeg: Uint8Array;
}

/** The pictures of about the last minute, within a bound of bytes; the oldest go first. */
export class KeptPictures {
  readonly #longest: number;
  readonly #mostBytes: number;
  #pictures: KeptPicture[] = [];
  #bytes = 0;

  /** @param longest milliseconds that are kept */
  constructor(longest = keptLong, mostBytes = 64e6) {
    this.#longest = longest;
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(picture: KeptPicture): void {
    // The clock was set back: what is kept has times that are still to come.
    if (this.#pictures.length > 0 && picture.time <= this.#pictures.at(-1)!.time) {
      this.#pictures = [];
      this.#bytes = 0;
    }
    this.#pictures.push(picture);
    this.#bytes += picture.jpeg.length;
    let gone = 0;
    while (
      this.#bytes > this.#mostBytes ||
      (gone < this.#pictures.length && picture.time - this.#pictures[gone]!.time > this.#longest)
    ) {
      this.#bytes -= this.#pictures[gone++]!.jpeg.length;
    }
    this.#pictures.splice(0, gone);
  }

  /** The one whose time is nearest, if one is within a few seconds. */
  nearest(time: number, within = 5000): KeptPicture | undefined {
    let best: KeptPicture | undefined;
    for (const picture of this.#pictures) {
      const distance = Math.abs(picture.time - time);
      if (distance <= within && (!best || distance < Math.abs(best.time - time))) best = picture;
    }
    return best;
  }

  /** Those of a span, both ends included, the first first. */
  between(from: number, to: number): KeptPicture[] {
    return this.#pictures.filter(({ time }) => time >= from && time <= to);
  }
}
