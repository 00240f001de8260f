import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../src/nn/random.ts';
import {
  compose,
  isLongEnough,
  type PseudoKind,
  pseudoKinds,
} from '../../../src/training/pseudo/compose.ts';
import { findPassers, type Passer } from '../../../src/training/pseudo/passers.ts';
import { BOX, bright, clipOf, format, ground, segmentsOf, still, walk } from './walks.ts';

const LENGTH = 20;
let passer: Passer;
beforeAll(async () => {
  const clips = [clipOf(walk(80, 20))];
  const { passers } = await findPassers(clips, segmentsOf(clips), LENGTH);
  // From the 20th frame on: there is room on both sides of him.
  passer = passers[1]!;
});

/** Empty footage with him put in, in a way. */
function composed(kind: PseudoKind, seed = 'test') {
  const pictures = still(LENGTH);
  const touched = new Set<number>();
  const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), ground, format };
  compose(scene, { passer, kind }, new Random(seed), (time) => touched.add(time));
  return { pictures, first: bright(pictures[0]!), last: bright(pictures.at(-1)!), touched };
}

describe('who passes', () => {
  test('is followed for three times the length, at most', () => {
    expect(passer.sprites).toHaveLength(3 * LENGTH);
    expect(passer.path).toHaveLength(3 * LENGTH);
    for (const kind of pseudoKinds) expect(isLongEnough(passer, kind, LENGTH)).toBe(true);
  });

  test('can be fast if he was followed for as long as the least of those speeds takes', () => {
    const followed = (frames: number) => ({ ...passer, sprites: passer.sprites.slice(0, frames) });
    // 1.3 * 19 = 24.7
    expect(isLongEnough(followed(26), 'fast', LENGTH)).toBe(true);
    expect(isLongEnough(followed(25), 'fast', LENGTH)).toBe(false);
    expect(isLongEnough(followed(20), 'gliding', LENGTH)).toBe(true);
    expect(isLongEnough(followed(20), 'control', LENGTH)).toBe(true);
    expect(isLongEnough(followed(19), 'control', LENGTH)).toBe(false);
  });

  test('must walk, through whole footage that is long enough', async () => {
    const standing = Array.from({ length: 80 }, (_, i) => (i < 50 ? ground : walk(1)[0]!));
    for (const clip of [
      clipOf(still(80)),
      clipOf(standing),
      clipOf(walk(LENGTH - 1)),
      clipOf(walk(80), [40]),
    ])
      expect((await findPassers([clip], segmentsOf([clip]), LENGTH)).passers).toEqual([]);
  });

  test('goes a quarter of his own length in the time of a clip, at least', async () => {
    const found = async (framesAPixel: number) => {
      const clips = [clipOf(walk(80, 0, framesAPixel))];
      return (await findPassers(clips, segmentsOf(clips), LENGTH)).passers.length;
    };
    // His outline has 96 pixels, so that is 2.4 of them in 20 frames.
    expect(await found(7)).toBeGreaterThan(0);
    expect(await found(10)).toBe(0);
  });

  test('is looked for in stretches of long footage, each with a background of its own', async () => {
    const clips = [clipOf([...walk(100), ...walk(100, 30), ...walk(100, 60)])];
    const { stretches, passers } = await findPassers(clips, segmentsOf(clips), LENGTH);
    expect(stretches.map(({ start, end }) => [start, end])).toEqual([
      [0, 150],
      [150, 300],
    ]);
    expect(stretches[0]!.ground[0]).toBeLessThan(stretches[1]!.ground[0]!);
    expect(passers.length).toBeGreaterThan(0);
  });
});

test('those who pass are taken from all of long footage', async () => {
  const once = clipOf(walk(40));
  const walks = Array.from({ length: 150 }, () => once);
  const { stretches, passers } = await findPassers(walks, segmentsOf(walks), 5);
  expect(stretches).toHaveLength(128);
  expect(passers).toHaveLength(128);
  expect(new Set(passers.map(({ stretch }) => stretch))).toEqual(new Set(stretches));
});

describe('a pseudo-anomaly', () => {
  test('that is a control walks as he did, in the light of the other footage', () => {
    const { pictures, first, last, touched } = composed('control');
    expect([9, 10]).toContain(last.left - first.left);
    expect(first.width).toBeGreaterThanOrEqual(BOX.width - 1);
    expect(first.width).toBeLessThanOrEqual(BOX.width + 1);
    expect(Math.max(...pictures[0]!)).toBeLessThanOrEqual(BOX.brightness + 2);
    expect(pictures[0]![0]).toBe(ground[0]);
    expect(touched.size).toBe(LENGTH);
  });

  test.each<[PseudoKind, number]>([
    ['fast', 1.3],
    ['gliding', 1],
  ])('that is %s goes %s to 3 times as far as he did', (kind, least) => {
    const gone = Array.from({ length: 60 }, (_, seed) => {
      const { first, last } = composed(kind, `${seed}`);
      return (last.left - first.left) / 9.5;
    });
    expect(Math.min(...gone)).toBeGreaterThan(least - 0.15);
    expect(Math.min(...gone)).toBeLessThan(least + 0.3);
    expect(Math.max(...gone)).toBeLessThan(3.15);
    expect(Math.max(...gone)).toBeGreaterThan(2.6);
  });

  test('that is fast goes no faster than he was followed for', () => {
    const short = { ...passer, sprites: passer.sprites.slice(0, 30) };
    for (let seed = 0; seed < 30; seed++) {
      const pictures = still(LENGTH);
      const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), ground, format };
      compose(scene, { passer: short, kind: 'fast' }, new Random(`${seed}`));
      const gone = bright(pictures.at(-1)!).left - bright(pictures[0]!).left;
      expect(gone).toBeGreaterThan(10);
      expect(gone).toBeLessThanOrEqual(16);
      // Nor does he stand at the end for want of frames.
      const late = bright(pictures.at(-1)!).left - bright(pictures.at(-5)!).left;
      expect(late).toBeGreaterThan(0);
    }
  });

  test('that glides is at the end where the other was', () => {
    const { path } = passer;
    const still = { ...passer, sprites: passer.sprites.slice(0, LENGTH) };
    const pictures = [ground.slice(), ground.slice()];
    const scene = {
      frames: LENGTH,
      pictures: new Map([
        [0, pictures[0]!],
        [LENGTH - 1, pictures[1]!],
      ]),
      ground,
      format,
    };
    compose(scene, { passer: still, kind: 'gliding' }, new Random('end'));
    const { left, width } = bright(pictures[1]!);
    expect(Math.abs(left + width / 2 - path[LENGTH - 1]!.x)).toBeLessThanOrEqual(1);
  });

  test('that glides keeps one pose, where others go on', () => {
    // Each pose is brighter than the one before.
    const sprites = passer.sprites.map((sprite, i) => ({
      ...sprite,
      differences: sprite.differences.map((_, at) => sprite.mask[at]! * (40 + 2 * i)),
    }));
    const poses = (kind: PseudoKind) => {
      const pictures = still(LENGTH);
      const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), ground, format };
      compose(scene, { passer: { ...passer, sprites }, kind }, new Random('poses'));
      return new Set(pictures.map((picture) => Math.max(...picture.map((v, i) => v - ground[i]!))));
    };
    expect(poses('control').size).toBeGreaterThan(LENGTH / 2);
    expect(poses('gliding').size).toBeLessThanOrEqual(2);
  });

  test('that glides goes evenly, where others stop and go', () => {
    const path = passer.path.map(({ bottom }, i) => ({ x: i < LENGTH ? 12 : 40, bottom }));
    const stops = { ...passer, path, sprites: passer.sprites.slice(0, LENGTH + 4) };
    const lefts = (kind: PseudoKind) => {
      const pictures = still(LENGTH);
      const scene = { frames: LENGTH, pictures: new Map(pictures.entries()), ground, format };
      compose(scene, { passer: stops, kind }, new Random('stops and goes'));
      return new Set(pictures.map((picture) => bright(picture).left));
    };
    expect(lefts('control').size).toBeLessThanOrEqual(2);
    expect(lefts('gliding').size).toBeGreaterThan(LENGTH / 2);
  });

  test.each<[PseudoKind, number, number]>([
    ['wide', 2, 1],
    ['tall', 1, 1.75],
    ['large', 2, 2],
    ['small', 0.5, 0.5],
    ['lying', 2, 0.5],
  ])('that is %s has about %s of his width and %s of his height', (kind, wide, high) => {
    const { first } = composed(kind);
    expect(first.width / BOX.width / wide).toBeGreaterThan(0.7);
    expect(first.width / BOX.width / wide).toBeLessThan(1.4);
    expect(first.height / BOX.height / high).toBeGreaterThan(0.7);
    expect(first.height / BOX.height / high).toBeLessThan(1.4);
  });

  test('that walks backwards shows his left at his right', () => {
    const brightest = (kind: PseudoKind) => {
      const { first, pictures } = composed(kind);
      const row = (first.top + 4) * 64;
      return [first.left, first.left + first.width - 1].map((x) => pictures[0]![row + x]!);
    };
    const [left, right] = brightest('control') as [number, number];
    expect(left).toBeLessThan(right);
    const [mirroredLeft, mirroredRight] = brightest('backwards') as [number, number];
    expect(mirroredLeft).toBeGreaterThan(mirroredRight);
  });

  test('in checks keeps his outline and nothing of his dress', () => {
    const { pictures } = composed('checked');
    const values = pictures[0]!.filter((value, i) => value !== ground[i]);
    expect(Math.min(...values)).toBeLessThan(80);
    expect(Math.max(...values)).toBeGreaterThan(125);
  });

  test('that is laden has his outline, and something with it', () => {
    const pixels = (kind: PseudoKind) =>
      Array.from({ length: 10 }, (_, seed) => composed(kind, `${seed}`).pictures[0]!)
        .flatMap((picture) => [...picture])
        .filter((value, i) => value !== ground[i % ground.length]).length;
    expect(pixels('laden')).toBeGreaterThan(1.2 * pixels('control'));
  });

  test('is the same in each picture, whichever others are wanted', () => {
    const some = new Map([7, 19].map((time) => [time, ground.slice()]));
    compose(
      { frames: LENGTH, pictures: some, ground, format },
      { passer, kind: 'fast' },
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
