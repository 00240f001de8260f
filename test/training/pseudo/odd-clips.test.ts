import { describe, expect, test } from 'vitest';
import type { Clip } from '../../../src/datasets/clip.ts';
import { CELL, clipLength, clipOffsets, newestSeen } from '../../../src/model/configuration.ts';
import { presetConfiguration } from '../../../src/model/presets.ts';
import type { PseudoKind } from '../../../src/training/pseudo/compose.ts';
import { OddClips } from '../../../src/training/pseudo/odd-clips.ts';
import { findPassers } from '../../../src/training/pseudo/passers.ts';
import { clipOf, format, ground, segmentsOf, still, walk } from './walks.ts';

const model = presetConfiguration('tiny', 'predict', format);
const length = clipLength(model);

async function oddClips(clips: readonly Clip[], ...taught: PseudoKind[]) {
  return OddClips.of(await findPassers(clips, segmentsOf(clips), length), model, taught);
}

/** Clips of a walk and of empty footage, with those put in who walk. */
async function made(count: number, ...taught: PseudoKind[]) {
  const odd = await oddClips([clipOf(walk(80)), clipOf(still(80))], ...taught);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const frames = new Uint8Array(clipOffsets(model).length * 64 * 64);
      return { frames, ...(await odd!.make(`${i}`, frames)) };
    }),
  );
}

/** How many cells of some clips are as wanted. */
const cells = (all: readonly Uint8Array[], wanted: (value: number) => boolean) =>
  all.reduce((sum, map) => sum + map.filter(wanted).length, 0);

describe('odd clips', () => {
  test('say which cells of the newest picture that is seen are odd, usual, or not asked', async () => {
    const at = clipOffsets(model).indexOf(newestSeen(model)) * 64 * 64;
    let touched = 0;
    const all = await made(20, 'wide');
    for (const clip of all)
      for (const [cell, odd] of clip.odd.entries()) {
        const verdict = [odd, clip.usual[cell]];
        // Nobody comes up to the first row.
        if (cell < format.width / CELL) expect(verdict).toEqual([0, 1]);
        touched += Number(odd === 1 && isTouched(clip.frames.subarray(at, at + 64 * 64), cell));
      }
    const odd = cells(
      all.map((clip) => clip.odd),
      (value) => value === 1,
    );
    expect(odd).toBeGreaterThan(20);
    expect(touched).toBeGreaterThan(0.9 * odd);
    const controls = all.map(({ usual }) => usual);
    expect(cells(controls, (weight) => weight > 1)).toBeGreaterThan(10);
    const unasked = all.map((clip) =>
      clip.usual.map((weight, cell) => Number(weight + clip.odd[cell]! === 0)),
    );
    expect(cells(unasked, (value) => value === 1)).toBeGreaterThan(0);
  });

  test('are the same for the same seed, and others for another one', async () => {
    const [one, two] = await made(2, 'fast', 'laden');
    const [again] = await made(1, 'fast', 'laden');
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
  });

  test('are none where nobody passes, or not for long enough', async () => {
    expect(await oddClips([clipOf(still(80))], 'fast')).toBeUndefined();
    const brief = clipOf([...still(3 * length), ...walk(length), ...still(3 * length)]);
    expect(await oddClips([brief], 'fast')).toBeUndefined();
    expect(await oddClips([brief], 'wide')).toBeDefined();
  });
});

/** Whether a cell holds pixels that are not the ground's. */
function isTouched(picture: Uint8Array, cell: number): boolean {
  const columns = format.width / CELL;
  const first = Math.floor(cell / columns) * CELL * format.width + (cell % columns) * CELL;
  for (let y = 0; y < CELL; y++)
    for (let x = 0; x < CELL; x++) {
      const pixel = first + y * format.width + x;
      if (picture[pixel] !== ground[pixel]) return true;
    }
  return false;
}
