import { expect, test } from 'vitest';
import { lookOf, scenePicture } from '../../../src/scoring/scene/look.ts';
import { Scene, type SceneChange } from '../../../src/scoring/scene/scene.ts';
import { openVideo } from '../../../src/video/open.ts';
import { noise } from '../../video/footage.ts';

const { width, height } = scenePicture;

/** A room: blocks of furniture, the same for the same seed; `shift` pushes the camera to the side. */
function room({ seed = 1, shift = 0, light = 1, soft = 0, offset = 0 } = {}): Float32Array {
  const wide = 2 * width;
  const random = noise({ width: 300, height: 1 }, seed);
  const picture = new Float32Array(wide * height).fill(120);
  for (let block = 0; block < 60; block++) {
    const [x, y, w, h, gray] = [0, 1, 2, 3, 4].map((at) => random[block * 5 + at]!) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const left = Math.floor((x / 256) * wide);
    const top = Math.floor((y / 256) * height);
    for (let row = top; row < Math.min(height, top + 2 + (h % 14)); row++)
      picture.fill(gray, row * wide + left, row * wide + Math.min(wide, left + 3 + (w % 20)));
  }
  const seen = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let count = 0;
      for (let dy = -soft; dy <= soft; dy++)
        for (let dx = -soft; dx <= soft; dx++) {
          const row = Math.min(height - 1, Math.max(0, y + dy));
          const column = Math.min(wide - 1, Math.max(0, x + dx + 20 + shift));
          sum += picture[row * wide + column]!;
          count++;
        }
      seen[y * width + x] = (sum / count) * light + offset;
    }
  return seen;
}

/** Films for some seconds: what the scene said by then, and all that it said on the way. */
class Camera {
  readonly scene: Scene;
  time = 1_000_000;
  #index = 0;
  readonly said: (SceneChange | null)[] = [];
  readonly #fps: number;

  constructor(scene = new Scene(), fps = 5) {
    this.scene = scene;
    this.#fps = fps;
  }

  film(
    seconds: number,
    of: (second: number) => Float32Array,
    same = false,
  ): SceneChange | null | undefined {
    for (let frame = 0; frame < seconds * this.#fps; frame++) {
      const grain = noise({ width, height: 12 }, this.#index++);
      const picture = Uint8Array.from(of(frame / this.#fps), (value, at) =>
        Math.min(255, Math.max(0, value + (grain[at]! % 5) - 2)),
      );
      this.scene.push(picture, (this.time += 1000 / this.#fps), same);
      const { change } = this.scene;
      if (change !== undefined && change !== (this.said.at(-1) ?? null)) this.said.push(change);
    }
    return this.scene.change;
  }
}

const learned = () => {
  const camera = new Camera();
  camera.film(31, () => room());
  expect(camera.scene.learned).toBeDefined();
  return camera;
};

test('nothing is said before it has learned, for half a minute', () => {
  const camera = new Camera();
  camera.film(29, () => room());
  expect(camera.scene.learned).toBeUndefined();
  camera.film(2, () => room());
  expect(camera.scene.learned).toBeDefined();
  expect(camera.film(60, () => room())).toBe(null);
  expect(camera.said).toEqual([]);
});

test.each<[string, Float32Array, SceneChange]>([
  ['turned to another room', room({ seed: 2 }), 'moved'],
  ['pushed by a fifth of its view', room({ shift: 13 }), 'moved'],
  ['pushed by a twentieth of its view', room({ shift: 3 }), 'moved'],
  ['out of focus', room({ soft: 7 }), 'blocked'],
  ['sprayed with gray', new Float32Array(width * height).fill(110), 'blocked'],
  ['covered with something dark', new Float32Array(width * height).fill(40), 'blocked'],
  ['in the dark', new Float32Array(width * height).fill(6), 'dark'],
])('a camera that is %s is told after some seconds, and that it is over', (_, view, change) => {
  const camera = learned();
  expect(camera.film(4, () => view)).toBe(null);
  expect(camera.film(14, () => view)).toBe(change);
  expect(camera.film(300, () => view)).toBe(change);
  expect(camera.film(4, () => room())).toBe(change);
  expect(camera.film(14, () => room())).toBe(null);
  expect(camera.said.at(-2)).toBe(change);
  expect(camera.said.at(-1)).toBe(null);
});

test('people who walk by, a hand over the lens, a lamp and trembling are no change', () => {
  const camera = learned();
  const walker = (second: number) => {
    const view = room();
    for (let y = 8; y < height; y++)
      view.fill(20, y * width + ((second * 8) % 50), y * width + ((second * 8) % 50) + 12);
    return view;
  };
  camera.film(60, walker);
  camera.film(5, () => new Float32Array(width * height).fill(30));
  camera.film(60, () => room({ light: 0.35 }));
  camera.film(60, () => room({ light: 0.8, offset: 60 }));
  camera.film(60, (second) => room({ shift: Math.round(second) % 2 }));
  expect(camera.said).toEqual([]);
});

test('dusk is followed, and no darkness', () => {
  const camera = new Camera(new Scene(), 1);
  camera.film(60, () => room());
  for (let minute = 0; minute < 150; minute++) {
    const view = room({ light: Math.max(0.15, 1 - minute / 60) });
    camera.film(60, () => view);
  }
  expect(camera.said).toEqual([]);
  expect(camera.scene.learned!.look.luminance).toBeLessThan(40);
});

test('a picture that stands still far longer than ever is frozen, until it moves', () => {
  const camera = learned();
  camera.film(12, () => room(), true);
  camera.film(20, () => room());
  expect(camera.film(55, () => room(), true)).toBe(null);
  expect(camera.film(30, () => room(), true)).toBe('frozen');
  expect(camera.film(14, () => room())).toBe(null);
});

test('runs of equal pictures that are normal make it wait longer', () => {
  const camera = learned();
  for (let round = 0; round < 3; round++) {
    camera.film(40, () => room(), true);
    camera.film(5, () => room());
  }
  expect(camera.film(150, () => room(), true)).toBe(null);
  expect(camera.film(40, () => room(), true)).toBe('frozen');
});

test('a still is not frozen: it never moved', () => {
  const camera = new Camera();
  const view = room();
  camera.film(1000, () => view, true);
  expect(camera.said).toEqual([]);
});

test('told to learn, it takes what it sees for how it should be', () => {
  const camera = learned();
  expect(camera.film(20, () => room({ seed: 2 }))).toBe('moved');
  camera.scene.learn();
  expect(camera.scene.learning).toBe(true);
  expect(camera.film(25, () => room({ seed: 2 }))).toBe('moved');
  expect(camera.film(8, () => room({ seed: 2 }))).toBe(null);
  expect(camera.scene.learning).toBe(false);
  expect(camera.film(30, () => room({ seed: 2 }))).toBe(null);
  expect(camera.film(20, () => room())).toBe('moved');
});

test('what was learned before is known at once, after a break and a change of the clock, too', () => {
  const before = learned().scene.learned!;
  const camera = new Camera(new Scene(before));
  expect(camera.film(15, () => room({ seed: 2 }))).toBe('moved');
  camera.scene.interrupt();
  camera.time -= 3_600_000;
  expect(camera.film(4, () => room())).toBe('moved');
  expect(camera.film(14, () => room())).toBe(null);
});

test('a scene without edges is never called moved or blocked', () => {
  const camera = new Camera();
  camera.film(31, () => new Float32Array(width * height).fill(90));
  camera.film(30, () => new Float32Array(width * height).fill(140));
  expect(camera.said).toEqual([]);
});

test('a look says luminance, contrast and texture', () => {
  const ramp = Float32Array.from({ length: width * height }, (_, at) => 3 * (at % width));
  const look = lookOf(ramp);
  expect(look.luminance).toBeCloseTo(94.5, 1);
  expect(look.contrast).toBeCloseTo(3 * Math.sqrt((width ** 2 - 1) / 12), 1);
  expect(look.edges[5 * width + 5]).toBeCloseTo(Math.sqrt(3), 4);
  expect(look.edges[0]).toBe(0);
});

test('an hour of a real camera, with its light on and off and people about, has no change', async () => {
  const path = new URL('../../../demo/upcam/testing/videos/00.mp4', import.meta.url).pathname;
  const scene = new Scene();
  const said: string[] = [];
  let before: Uint8Array | undefined;
  for await (const { data, time } of await openVideo(path, scenePicture)) {
    scene.push(data, time * 1000, before !== undefined && Buffer.compare(before, data) === 0);
    if (scene.change) said.push(`${scene.change} at ${time}`);
    before = data;
  }
  expect(scene.learned).toBeDefined();
  expect(said).toEqual([]);
});
