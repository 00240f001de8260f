import type { FormatContext, Rational, Stream } from 'node-av';
import type { FFmpeg } from './ffmpeg.ts';

/** Clocks of 1000 and more are time bases that a container gives for want of a rate. */
const highest = 1000;

const rateOf = ({ num, den }: Rational): number | undefined =>
  num > 0 && den > 0 && num / den < highest ? num / den : undefined;

/** Whether a container has no time stamps of its own: those that FFmpeg gives are invented. */
export function isTimeless(ffmpeg: FFmpeg, format: FormatContext): boolean {
  const name = format.iformat?.name ?? '';
  return (
    ((format.iformat?.flags ?? 0) & ffmpeg.AVFMT_NOTIMESTAMPS) !== 0 ||
    name.endsWith('_pipe') ||
    name === 'image2'
  );
}

/**
 * Frames a second, by the container or, where that is a raw stream, by the stream's own header.
 * @returns undefined where neither has a plausible rate
 */
export function frameRate(
  ffmpeg: FFmpeg,
  format: FormatContext,
  stream: Stream,
): number | undefined {
  const own = rateOf(stream.codecpar.frameRate);
  if (isTimeless(ffmpeg, format)) return own;
  const mean = rateOf(stream.avgFrameRate);
  const usual = rateOf(stream.rFrameRate);
  // The mean over the length of a file counts gaps, in which there are no frames.
  if (mean && usual && own === usual && mean < 0.45 * usual) return usual;
  return mean ?? usual;
}
