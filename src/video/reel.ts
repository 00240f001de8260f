import type { Frame as DecodedFrame } from 'node-av';
import type { RateOrigin } from './frame.ts';

/** What one step of reading gave. */
export interface Shot {
  /** The picture, upright; undefined where one could not be decoded. Valid until the next step only. */
  readonly picture: DecodedFrame | undefined;
  /** The time that the container gives it, in seconds from any origin; undefined where it gives none. */
  readonly seconds: number | undefined;
}

/** Pictures in their order, as they lie in a file or folder, before they are brought to a format. */
export interface Reel {
  readonly fps: number;
  /** Of a folder of frames undefined. */
  readonly rateFrom?: RateOrigin;
  readonly expectedFrames: number | undefined;
  /** Reads from the front; leaving the loop releases the decoder. */
  shots(): AsyncGenerator<Shot, undefined>;
}
