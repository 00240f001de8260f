import fc from 'fast-check';

/** Maps of both decoders that are the same everywhere; there is no pace head. */
export function flatErrors(appearance: number, motion: number, width = 4, height = 4) {
  return {
    grid: { width, height },
    appearance: new Float32Array(width * height).fill(appearance),
    motion: new Float32Array(width * height).fill(motion),
  };
}

const map = fc.float32Array({ minLength: 20, maxLength: 20, min: 0, max: 4, noNaN: true });

/** Frames of a 5x4 grid with maps of all kinds. */
export const anyFrames = fc.array(
  fc.record({
    grid: fc.constant({ width: 5, height: 4 }),
    appearance: map,
    motion: map,
    expectedMotion: map,
    pace: map,
  }),
  { minLength: 1, maxLength: 30 },
);
