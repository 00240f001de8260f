import { expect, test } from 'vitest';
import {
  dayShare,
  type LitFootage,
  lightClusters,
  nearestLight,
} from '../../../src/scoring/light/clusters.ts';
import { LightFollower } from '../../../src/scoring/light/follower.ts';
import { type Light, lightOf, MeanLight } from '../../../src/scoring/light/light.ts';

const MINUTE = 60;

const minutes = (count: number, light: (minute: number) => Light, seconds = MINUTE): LitFootage[] =>
  Array.from({ length: count }, (_, minute) => ({ light: light(minute), seconds }));

/** Noise between -1 and 1, the same each time. */
const noise = (n: number) => (Math.sin(n * 12.9898) * 43758.5453) % 1;

const day = (n: number) => ({
  brightness: 0.5 + 0.2 * noise(n),
  saturation: 0.25 + 0.06 * noise(n + 7),
});
const infrared = (n: number) => ({
  brightness: 0.45 + 0.15 * noise(n),
  saturation: 0.004 + 0.002 * noise(n),
});

test('the light of pixels, in either order of their channels', () => {
  const red = lightOf(Uint8Array.from([200, 100, 100, 200, 100, 100]), {
    step: 3,
    channel: 1,
    pixels: 2,
  });
  expect(red).toEqual({ brightness: 200 / 255, saturation: 0.5 });
  const planes = Uint8Array.from([200, 200, 100, 100, 100, 100]);
  expect(lightOf(planes, { step: 1, channel: 2, pixels: 2 })).toEqual(red);
  const black = lightOf(new Uint8Array(6), { step: 3, channel: 1, pixels: 2 });
  expect(black).toEqual({ brightness: 0, saturation: 0 });
});

test('a mean of lights, and none of no lights', () => {
  const mean = new MeanLight();
  expect(mean.mean).toBeUndefined();
  mean.push({ brightness: 0.2, saturation: 0 });
  mean.push({ brightness: 0.4, saturation: 0.5 });
  expect(mean.mean!.brightness).toBeCloseTo(0.3);
  expect(mean.mean!.saturation).toBeCloseTo(0.25);
});

test('colour by day and infrared by night are two lights, however bright', () => {
  const footage = [...minutes(200, day), ...minutes(100, infrared)];
  const clusters = lightClusters(footage, 600)!;
  expect(clusters.by).toBe('saturation');
  expect(clusters.day).toBeGreaterThan(0.2);
  expect(clusters.night).toBeLessThan(0.01);
  for (let i = 0; i < 50; i++) {
    expect(nearestLight(clusters, day(1000 + i))).toBe('day');
    expect(nearestLight(clusters, infrared(1000 + i))).toBe('night');
  }
});

test('without colour a lit room and a dark one are two lights', () => {
  const lit = (n: number) => ({ brightness: 0.6 + 0.05 * noise(n), saturation: 0 });
  const dark = (n: number) => ({ brightness: 0.1 + 0.05 * noise(n), saturation: 0 });
  const clusters = lightClusters([...minutes(60, dark), ...minutes(60, lit)], 600)!;
  expect(clusters.by).toBe('brightness');
  expect(clusters.night).toBeLessThan(clusters.day);
});

test.each([
  ['no footage', []],
  ['a minute', minutes(1, day)],
  ['one light', minutes(300, day)],
  ['a slow dusk', minutes(300, (n) => ({ brightness: n / 300, saturation: 0.3 * (n / 300) }))],
  ['a night too short to learn from', [...minutes(300, day), ...minutes(9, infrared)]],
  ['a night of a small share', [...minutes(3000, day), ...minutes(100, infrared)]],
])('%s is one light', (_, footage) => {
  expect(lightClusters(footage, 600)).toBeUndefined();
});

const clusters = { by: 'saturation', day: 0.2, night: 0 } as const;
const share = (of: number): Light => ({ brightness: 0.5, saturation: 0.2 * of });

test('where a light lies between the two', () => {
  expect(dayShare(clusters, share(0.25))).toBeCloseTo(0.25);
});

/** Frames ten a second, each at a share of day; what was said of the last. */
function follow(follower: LightFollower, from: number, seconds: number, of: number) {
  let said = follower.push(from, share(of));
  for (let time = from + 100; time < from + 1000 * seconds; time += 100)
    said = follower.push(time, share(of));
  return said;
}

test('another light counts once it has lasted, and is in doubt until then', () => {
  const follower = new LightFollower(clusters, 'day');
  expect(follow(follower, 0, 5, 1)).toEqual({ light: 'day', doubtful: false });
  expect(follow(follower, 5000, 9, 0)).toEqual({ light: 'day', doubtful: true });
  expect(follow(follower, 14_000, 2, 0)).toEqual({ light: 'night', doubtful: false });
  expect(follow(follower, 16_000, 9, 1)).toEqual({ light: 'night', doubtful: true });
  expect(follow(follower, 25_000, 2, 1)).toEqual({ light: 'day', doubtful: false });
});

test('a lamp for some seconds, and a dusk between the two, change nothing', () => {
  const follower = new LightFollower(clusters, 'night');
  for (let i = 0; i < 20; i++) {
    follow(follower, i * 10_000, 8, 1);
    expect(follow(follower, i * 10_000 + 8000, 2, 0)).toEqual({ light: 'night', doubtful: false });
  }
  expect(follow(follower, 300_000, 60, 0.55)).toEqual({ light: 'night', doubtful: false });
  const byDay = new LightFollower(clusters, 'day');
  expect(follow(byDay, 0, 60, 0.45)).toEqual({ light: 'day', doubtful: false });
});

test('what lasted before a break does not count after it', () => {
  const follower = new LightFollower(clusters, 'day');
  follow(follower, 0, 9, 0);
  expect(follow(follower, 60_000, 9, 0)).toEqual({ light: 'day', doubtful: true });
  expect(follow(follower, 69_000, 2, 0).light).toBe('night');
});
