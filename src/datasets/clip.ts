import type { FrameFormat, Size } from '../video/frame.ts';

/** A decoded clip in the cache: bytes that can be read at any position. */
export interface Clip {
  /** Name within the data set, such as `01` or `05/05-18`. */
  readonly name: string;
  /** Where it comes from, for messages. */
  readonly path: string;
  readonly frames: number;
  readonly fps: number;
  /** Size of the original pictures. */
  readonly source: Size;
  readonly format: FrameFormat;
  /** Indices of frames that could not be decoded; the picture before stands in for each, in order. */
  readonly corrupt: readonly number[];
  /** Indices of frames that do not follow the one before: there is a gap in the recording. */
  readonly gaps?: readonly number[] | undefined;
  /** `count` frames from `start`: bytes `[count, channels, height, width]`. */
  read(start: number, count: number): Promise<Uint8Array>;
  /** The frames from `start` that fit into a place, bytes `[count, channels, height, width]`. */
  readInto(place: Uint8Array, start: number): Promise<void>;
  close(): Promise<void>;
}

/** The frames `start` to `end - 1` of a clip, divided at its gaps; each part is without a break. */
export function unbroken(
  { gaps = [] }: Pick<Clip, 'gaps'>,
  start: number,
  end: number,
): { start: number; end: number }[] {
  const cuts = [start, ...gaps.filter((frame) => frame > start && frame < end), end];
  return cuts.slice(1).map((cut, i) => ({ start: cuts[i]!, end: cut }));
}
