import type { Clip } from './clip.ts';

/** Frames that are read together. */
const readTogether = 64;

/** Frames `start` to `end - 1` of a clip in order, each `[channels, height, width]`. */
export async function* clipFrames(
  clip: Clip,
  start = 0,
  end = clip.frames,
): AsyncGenerator<Uint8Array> {
  const { channels, height, width } = clip.format;
  const size = channels * height * width;
  for (let at = start; at < end; at += readTogether) {
    const count = Math.min(readTogether, end - at);
    const bytes = await clip.read(at, count);
    for (let i = 0; i < count; i++) yield bytes.subarray(i * size, (i + 1) * size);
  }
}
