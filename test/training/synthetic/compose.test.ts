import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../src/nn/random.ts';
import {
  type AlterationKind,
  alterationKinds,
  compose,
  isLongEnough,
} from '../../../src/training/synthetic/compose.ts';
import { findTracks, type Track } from '../../../src/training/synthetic/tracks.ts';
import { BOX, background, bright, clipOf, format, segmentsOf, still, walk } from './walks.ts';

const LENGTH = 20;
let track: Track;
beforeAll(async () => {
  const clips = [clipOf(walk(80, 20))];
  const { tracks } = await findTracks(clips, segmentsOf(clips), LENGTH);
  // From the 20th frame on, with room on both sides.
  track = tracks[1]!;
});

/** Empty footage with the track pasted in. */
function composed(kind: AlterationKind, seed = 'test') {
  const pictures = still(LENGTH);
  const touched = new Set<number>();
  const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), background, format };
  compose(scene, { track, kind }, new Random(seed), (time) => touched.add(time));
  return { pictures, first: bright(pictures[0]!), last: bright(pictures.at(-1)!), touched };
}

describe('a track', () => {
  test('is at most three times the wanted length', () => {
    expect(track.sprites).toHaveLength(3 * LENGTH);
    expect(track.path).toHaveLength(3 * LENGTH);
    for (const kind of alterationKinds) expect(isLongEnough(track, kind, LENGTH)).toBe(true);
  });

  test('can be altered if it is long enough for the lowest speed of the kind', () => {
    const followed = (frames: number) => ({ ...track, sprites: track.sprites.slice(0, frames) });
    // 1.3 * 19 = 24.7
    expect(isLongEnough(followed(26), 'fast', LENGTH)).toBe(true);
    expect(isLongEnough(followed(25), 'fast', LENGTH)).toBe(false);
    expect(isLongEnough(followed(20), 'gliding', LENGTH)).toBe(true);
    expect(isLongEnough(followed(20), 'control', LENGTH)).toBe(true);
    expect(isLongEnough(followed(19), 'control', LENGTH)).toBe(false);
  });

  test('is found only of something that moves, in intact footage that is long enough', async () => {
    const standing = Array.from({ length: 80 }, (_, i) => (i < 50 ? background : walk(1)[0]!));
    for (const clip of [
      clipOf(still(80)),
      clipOf(standing),
      clipOf(walk(LENGTH - 1)),
      clipOf(walk(80), [40]),
    ])
      expect((await findTracks([clip], segmentsOf([clip]), LENGTH)).tracks).toEqual([]);
  });

  test('has a displacement of at least a quarter of a body length per clip', async () => {
    const found = async (framesAPixel: number) => {
      const clips = [clipOf(walk(80, 0, framesAPixel))];
      return (await findTracks(clips, segmentsOf(clips), LENGTH)).tracks.length;
    };
    // An outline of 96 pixels: at least 2.4 pixels in 20 frames.
    expect(await found(7)).toBeGreaterThan(0);
    expect(await found(10)).toBe(0);
  });

  test('is looked for in stretches of long footage, each with its own background', async () => {
    const clips = [clipOf([...walk(100), ...walk(100, 30), ...walk(100, 60)])];
    const { stretches, tracks } = await findTracks(clips, segmentsOf(clips), LENGTH);
    expect(stretches.map(({ start, end }) => [start, end])).toEqual([
      [0, 150],
      [150, 300],
    ]);
    expect(stretches[0]!.background[0]).toBeLessThan(stretches[1]!.background[0]!);
    expect(tracks.length).toBeGreaterThan(0);
  });
});

test('tracks are taken from all parts of long footage', async () => {
  const once = clipOf(walk(40));
  const walks = Array.from({ length: 150 }, () => once);
  const { stretches, tracks } = await findTracks(walks, segmentsOf(walks), 5);
  expect(stretches).toHaveLength(128);
  expect(tracks).toHaveLength(128);
  expect(new Set(tracks.map(({ stretch }) => stretch))).toEqual(new Set(stretches));
});

describe('an altered track', () => {
  test('that is a control keeps its speed and takes on the light of the other footage', () => {
    const { pictures, first, last, touched } = composed('control');
    expect([9, 10]).toContain(last.left - first.left);
    expect(first.width).toBeGreaterThanOrEqual(BOX.width - 1);
    expect(first.width).toBeLessThanOrEqual(BOX.width + 1);
    expect(Math.max(...pictures[0]!)).toBeLessThanOrEqual(BOX.brightness + 2);
    expect(pictures[0]![0]).toBe(background[0]);
    expect(touched.size).toBe(LENGTH);
  });

  test.each<[AlterationKind, number]>([
    ['fast', 1.3],
    ['gliding', 1],
  ])('that is %s moves %s to 3 times as far', (kind, least) => {
    const gone = Array.from({ length: 60 }, (_, seed) => {
      const { first, last } = composed(kind, `${seed}`);
      return (last.left - first.left) / 9.5;
    });
    expect(Math.min(...gone)).toBeGreaterThan(least - 0.15);
    expect(Math.min(...gone)).toBeLessThan(least + 0.3);
    expect(Math.max(...gone)).toBeLessThan(3.15);
    expect(Math.max(...gone)).toBeGreaterThan(2.6);
  });

  test('that is fast is no faster than its length allows', () => {
    const short = { ...track, sprites: track.sprites.slice(0, 30) };
    for (let seed = 0; seed < 30; seed++) {
      const pictures = still(LENGTH);
      const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), background, format };
      compose(scene, { track: short, kind: 'fast' }, new Random(`${seed}`));
      const gone = bright(pictures.at(-1)!).left - bright(pictures[0]!).left;
      expect(gone).toBeGreaterThan(10);
      expect(gone).toBeLessThanOrEqual(16);
      // Nor does he stand at the end for want of frames.
      const late = bright(pictures.at(-1)!).left - bright(pictures.at(-5)!).left;
      expect(late).toBeGreaterThan(0);
    }
  });

  test('that glides ends where the original does', () => {
    const { path } = track;
    const still = { ...track, sprites: track.sprites.slice(0, LENGTH) };
    const pictures = [background.slice(), background.slice()];
    const scene = {
      frames: LENGTH,
      pictures: new Map([
        [0, pictures[0]!],
        [LENGTH - 1, pictures[1]!],
      ]),
      background,
      format,
    };
    compose(scene, { track: still, kind: 'gliding' }, new Random('end'));
    const { left, width } = bright(pictures[1]!);
    expect(Math.abs(left + width / 2 - path[LENGTH - 1]!.x)).toBeLessThanOrEqual(1);
  });

  test('that glides keeps one pose', () => {
    // Each pose is brighter than the one before.
    const sprites = track.sprites.map((sprite, i) => ({
      ...sprite,
      differences: sprite.differences.map((_, at) => sprite.mask[at]! * (40 + 2 * i)),
    }));
    const poses = (kind: AlterationKind) => {
      const pictures = still(LENGTH);
      const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), background, format };
      compose(scene, { track: { ...track, sprites }, kind }, new Random('poses'));
      return new Set(
        pictures.map((picture) => Math.max(...picture.map((v, i) => v - background[i]!))),
      );
    };
    expect(poses('control').size).toBeGreaterThan(LENGTH / 2);
    expect(poses('gliding').size).toBeLessThanOrEqual(2);
  });

  test('that glides moves at a constant speed, even where the original does not', () => {
    const path = track.path.map(({ bottom }, i) => ({ x: i < LENGTH ? 12 : 40, bottom }));
    const stops = { ...track, path, sprites: track.sprites.slice(0, LENGTH + 4) };
    const lefts = (kind: AlterationKind) => {
      const pictures = still(LENGTH);
      const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), background, format };
      compose(scene, { track: stops, kind }, new Random('stops and goes'));
      return new Set(pictures.map((picture) => bright(picture).left));
    };
    expect(lefts('control').size).toBeLessThanOrEqual(2);
    expect(lefts('gliding').size).toBeGreaterThan(LENGTH / 2);
  });

  test.each<[AlterationKind, number, number]>([
    ['wide', 2, 1],
    ['tall', 1, 1.75],
    ['large', 2, 2],
    ['small', 0.5, 0.5],
    ['lying', 2, 0.5],
  ])('that is %s has about %s of its width and %s of its height', (kind, wide, high) => {
    const { first } = composed(kind);
    expect(first.width / BOX.width / wide).toBeGreaterThan(0.7);
    expect(first.width / BOX.width / wide).toBeLessThan(1.4);
    expect(first.height / BOX.height / high).toBeGreaterThan(0.7);
    expect(first.height / BOX.height / high).toBeLessThan(1.4);
  });

  test('that walks backwards is mirrored', () => {
    const brightest = (kind: AlterationKind) => {
      const { first, pictures } = composed(kind);
      const row = (first.top + 4) * 64;
      return [first.left, first.left + first.width - 1].map((x) => pictures[0]![row + x]!);
    };
    const [left, right] = brightest('control') as [number, number];
    expect(left).toBeLessThan(right);
    const [mirroredLeft, mirroredRight] = brightest('backwards') as [number, number];
    expect(mirroredLeft).toBeGreaterThan(mirroredRight);
  });

  test('in a checkerboard keeps its outline and nothing of its texture', () => {
    const { pictures } = composed('checked');
    const values = pictures[0]!.filter((value, i) => value !== background[i]);
    expect(Math.min(...values)).toBeLessThan(80);
    expect(Math.max(...values)).toBeGreaterThan(125);
  });

  test('that is laden has its outline and an object', () => {
    const pixels = (kind: AlterationKind) =>
      Array.from({ length: 10 }, (_, seed) => composed(kind, `${seed}`).pictures[0]!)
        .flatMap((picture) => [...picture])
        .filter((value, i) => value !== background[i % background.length]).length;
    expect(pixels('laden')).toBeGreaterThan(1.2 * pixels('control'));
  });

  test('does not depend on which pictures are wanted', () => {
    const some = new Map([7, 19].map((time) => [time, background.slice()]));
    compose(
      { frames: LENGTH, pictures: some, background, format },
      { track, kind: 'fast' },
      new Random('test'),
    );
    const all = composed('fast').pictures;
    for (const [time, picture] of some) expect(picture).toEqual(all[time]);
  });

  test('is the same for the same seed', () => {
    expect(composed('wide').pictures).toEqual(composed('wide').pictures);
    expect(composed('wide', 'other').pictures).not.toEqual(composed('wide').pictures);
  });
});
