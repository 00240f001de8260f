import type { Frame as DecodedFrame } from 'node-av';

/** A picture as FFmpeg decoded it, whole and upright; its pixels may be oblong, see `displaySize`. */
export type DecodedPicture = DecodedFrame;

/** Pictures as they arrive. */
export interface LiveStream {
  /** Name of the codec, as FFmpeg calls it. */
  readonly codec: string;
  /** Frames a second, if the source has a rate. */
  readonly fps: number;
  /**
   * The next good picture, valid until the next call; undefined where the stream ended, which a file
   * or folder never does. Damaged pictures are left out.
   * @throws StreamLost when it broke or stalled
   */
  next(): Promise<DecodedPicture | undefined>;
  close(): Promise<void>;
}

/** A source that cannot be opened, broke or stalled: why, in a few words without its address. */
export class StreamLost extends Error {
  override readonly name: string = 'StreamLost';
}

/** FFmpeg did not return from an aborted call: a thread of this process is lost. */
export class StreamStuck extends StreamLost {
  override readonly name = 'StreamStuck';
}

/** Frames a second of a stream that has none. */
export const assumedFps = 25;
