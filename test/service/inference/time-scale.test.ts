import { expect, test } from 'vitest';
import { Ring } from '../../../src/detector/ring.ts';
import { TimeScales } from '../../../src/service/inference/time-scale.ts';
import { WHOLE } from '../../model/small-models.ts';

const { width, height } = WHOLE.input;
const fps = 10;

/** A row of the cell in the middle, at each frame. */
type Light = (frame: number, row: number) => number;

interface Scene {
  readonly light: Light;
  /** Gray levels that the whole picture changes by from frame to frame. */
  readonly drift?: number;
  readonly worst?: number | undefined;
}

/** What is said of the last frames of a stream. */
function told({ light, drift = 0, worst }: Scene): (number | null)[] {
  const frames = new Ring(new Uint8Array(width * height * 5), width * height);
  const scales = new TimeScales(WHOLE, fps);
  const said: (number | null)[] = [];
  for (let t = 0; t < 50; t++) {
    const data = new Uint8Array(width * height).fill(50 + drift * t);
    for (let y = 16; y < 24; y++) data.fill(light(t, y), y * width + 16, y * width + 24);
    frames.push(data);
    if (t >= 4) said.push(scales.push(frames, worst));
  }
  return said.slice(-5);
}

/** The cell in the middle. */
const worst = 10;
const still = 100;
const flicker: Light = (t) => (t > 30 ? still + 80 * (t % 2) : still);

test('what flickers from frame to frame stands out at one frame', () => {
  expect(told({ light: flicker, worst })).toEqual(Array(5).fill(1 / fps));
});

test('what comes and goes for two frames each stands out at two', () => {
  // Half of the rows are a frame later than the others.
  const light: Light = (t, row) => (t > 30 && (t + (row % 2)) % 4 < 2 ? still + 80 : still);
  expect(told({ light, worst })).toEqual(Array(5).fill(2 / fps));
});

test('what comes slowly stands out at four', () => {
  expect(told({ light: (t) => (t > 30 ? still + 5 * (t - 30) : still), worst })).toEqual(
    Array(5).fill(4 / fps),
  );
});

test('nothing stands out where nothing is bad enough, or the place changes as all does', () => {
  expect(told({ light: flicker })).toEqual(Array(5).fill(null));
  expect(told({ light: (t) => 50 + 2 * t, drift: 2, worst })).toEqual(Array(5).fill(null));
});
