import type { Frame as DecodedFrame } from 'node-av';
import type { Size } from './frame.ts';

/** Pixels more oblong than this in either direction are a broken header; nearly square ones are square. */
const mostOblong = 4;
const squareEnough = 0.02;

/**
 * The size at which a picture is in proportion: where its pixels are oblong, the shorter of their
 * sides is stretched, so that no row and no column is lost.
 */
export function displaySize({
  width,
  height,
  sampleAspectRatio: { num, den },
}: Pick<DecodedFrame, 'width' | 'height' | 'sampleAspectRatio'>): Size {
  const ratio = num > 0 && den > 0 ? num / den : 1;
  if (ratio > mostOblong || ratio < 1 / mostOblong || Math.abs(ratio - 1) < squareEnough)
    return { width, height };
  return ratio > 1
    ? { width: Math.round(width * ratio), height }
    : { width, height: Math.round(height / ratio) };
}
