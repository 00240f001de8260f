import { describe, expect, test } from 'vitest';
import type { Clip } from '../../../src/datasets/clip.ts';
import { CELL, clipLength, clipOffsets, newestSeen } from '../../../src/model/configuration.ts';
import { presetConfiguration } from '../../../src/model/presets.ts';
import type { AlterationKind } from '../../../src/training/synthetic/compose.ts';
import { SyntheticClips } from '../../../src/training/synthetic/synthetic-clips.ts';
import { findTracks } from '../../../src/training/synthetic/tracks.ts';
import { background, clipOf, format, segmentsOf, still, walk } from './walks.ts';

const model = presetConfiguration('tiny', 'predict', format);
const length = clipLength(model);

async function syntheticClips(clips: readonly Clip[], ...kinds: AlterationKind[]) {
  return SyntheticClips.of(await findTracks(clips, segmentsOf(clips), length), model, kinds);
}

/** Synthetic clips from a walk and from empty footage. */
async function made(count: number, ...kinds: AlterationKind[]) {
  const clips = await syntheticClips([clipOf(walk(80)), clipOf(still(80))], ...kinds);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const frames = new Uint8Array(clipOffsets(model).length * 64 * 64);
      return { frames, ...(await clips!.make(`${i}`, frames)) };
    }),
  );
}

/** Counts cells over some clips. */
const cells = (all: readonly Uint8Array[], wanted: (value: number) => boolean) =>
  all.reduce((sum, map) => sum + map.filter(wanted).length, 0);

describe('synthetic clips', () => {
  test('label the cells of the newest visible picture as abnormal, normal or ignored', async () => {
    const at = clipOffsets(model).indexOf(newestSeen(model)) * 64 * 64;
    let touched = 0;
    const all = await made(20, 'wide');
    for (const clip of all)
      for (const [cell, label] of clip.abnormal.entries()) {
        const labels = [label, clip.normal[cell]];
        // No track reaches the first row.
        if (cell < format.width / CELL) expect(labels).toEqual([0, 1]);
        touched += Number(label === 1 && isTouched(clip.frames.subarray(at, at + 64 * 64), cell));
      }
    const abnormal = cells(
      all.map((clip) => clip.abnormal),
      (value) => value === 1,
    );
    expect(abnormal).toBeGreaterThan(20);
    expect(touched).toBeGreaterThan(0.9 * abnormal);
    const controls = all.map(({ normal }) => normal);
    expect(cells(controls, (weight) => weight > 1)).toBeGreaterThan(10);
    const ignored = all.map((clip) =>
      clip.normal.map((weight, cell) => Number(weight + clip.abnormal[cell]! === 0)),
    );
    expect(cells(ignored, (value) => value === 1)).toBeGreaterThan(0);
  });

  test('depend on the seed alone', async () => {
    const [one, two] = await made(2, 'fast', 'laden');
    const [again] = await made(1, 'fast', 'laden');
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
  });

  test('cannot be made without tracks, or from tracks that are too short', async () => {
    expect(await syntheticClips([clipOf(still(80))], 'fast')).toBeUndefined();
    const brief = clipOf([...still(3 * length), ...walk(length), ...still(3 * length)]);
    expect(await syntheticClips([brief], 'fast')).toBeUndefined();
    expect(await syntheticClips([brief], 'wide')).toBeDefined();
  });
});

/** Whether a cell holds pixels that are not the background's. */
function isTouched(picture: Uint8Array, cell: number): boolean {
  const columns = format.width / CELL;
  const first = Math.floor(cell / columns) * CELL * format.width + (cell % columns) * CELL;
  for (let y = 0; y < CELL; y++)
    for (let x = 0; x < CELL; x++) {
      const pixel = first + y * format.width + x;
      if (picture[pixel] !== background[pixel]) return true;
    }
  return false;
}
