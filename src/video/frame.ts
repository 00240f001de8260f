/** Size of a picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a model wants to see: every frame is brought to this size and number of channels. */
export interface FrameFormat extends Size {
  /** 1 = gray (luma), 3 = RGB. */
  readonly channels: 1 | 3;
}

/** The picture as it is to be seen, upright and in proportion: RGB bytes, interleaved, `[height, width, 3]`. */
export interface OriginalPicture extends Size {
  readonly data: Uint8Array;
}

/** Where a rate comes from: the video or its container, the caller's option, or an assumption. */
export type RateOrigin = 'video' | 'option' | 'assumed';

/** One picture of a video, already in the wanted format. Its bytes are shared: do not write to them. */
export interface Frame {
  /** 0-based position in the video. */
  readonly index: number;
  /** Seconds since the first frame, as a player shows them; never falls from one frame to the next. */
  readonly time: number;
  /**
   * How many gaps came before, by default none: frames of one stretch follow one another. After a
   * gap what a model knows of the frames before says nothing.
   */
  readonly stretch?: number | undefined;
  /** Bytes of the picture, planar: `[channels, height, width]`, 0..255. */
  readonly data: Uint8Array;
  /** True where the picture could not be decoded and the one before stands in for it. */
  readonly corrupt: boolean;
  /** Only where the source was opened with `original: true`. */
  readonly original?: OriginalPicture;
}

/**
 * A video that is read from front to back. Frames come in order; each iteration starts at the
 * front. Leaving the loop early (or an error) releases the decoder; a source that is not being
 * iterated holds none.
 */
export interface VideoSource extends AsyncIterable<Frame> {
  /** What the user called it: a path. */
  readonly name: string;
  /** Size of the original pictures, upright and in proportion. */
  readonly source: Size;
  readonly format: FrameFormat;
  /** Frames a second. */
  readonly fps: number;
  readonly rateFrom?: RateOrigin | undefined;
  /** How many frames there will be, where the container says so; an estimate, for progress only. */
  readonly expectedFrames: number | undefined;
  /**
   * False where frames wait until they are taken, as those of a file do; else they come at their own
   * pace, and reading must keep up.
   */
  readonly live?: boolean | undefined;
}
