import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModel, writeModel } from '../../src/detector/model-file.ts';
import { rehearse } from '../../src/rehearsal/rehearse.ts';
import { openVideoWriter } from '../../src/video/write.ts';
import { writeSmallModel } from '../service/inference/small-model.ts';
import { writeVideo } from '../video/footage.ts';

const size = { width: 64, height: 48, fps: 4 };
const seconds = 150;

/** A block that walks across, again and again, and a flash at one second of it. */
function walking(flash: number): Uint8Array[] {
  return Array.from({ length: seconds * size.fps }, (_, frame) => {
    const bright = Math.floor(frame / size.fps) === flash;
    const data = new Uint8Array(size.width * size.height * 3).fill(90);
    const left = (frame * 2) % (size.width - 8);
    for (let y = 16; y < 40; y++) {
      const at = (y * size.width + left) * 3;
      data.fill(200, at, at + 8 * 3);
    }
    if (bright) data.fill(255, 0, data.length / 2);
    return data;
  });
}

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm2s2l-test-'));
  await writeVideo(at('1.mp4'), size, walking(-1));
  await writeVideo(at('2.mp4'), size, walking(100));
  await writeSmallModel(at('model'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (options: Parameters<typeof rehearse>[2]) =>
  rehearse(at('model'), [at('1.mp4'), at('2.mp4')], options);

describe('a rehearsal', () => {
  test('runs over all footage in order, and keeps within its guarantee', async () => {
    const shares: number[] = [];
    const found = await run({ alarmsPerDay: 2400, onProgress: (share) => shares.push(share) });
    expect(found.hours).toBeCloseTo((2 * seconds) / 3600, 3);
    expect(found.alarms).toBeLessThanOrEqual(found.guarantee);
    expect(found.guarantee).toBeCloseTo(found.guaranteeConstant + 100 * found.hours, 6);
    expect(found.peaks).toHaveLength(found.alarms);
    for (const { time, file } of found.peaks) {
      expect([at('1.mp4'), at('2.mp4')]).toContain(file);
      expect(time).toBeLessThan(seconds);
    }
    expect(shares.at(-1)).toBeGreaterThan(0.99);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(found.drill).toBeUndefined();
  });

  test.each<[string, { drill?: number }]>([
    ['while it rehearses', {}],
    ['while it looks for people', { drill: 4 }],
  ])('ends by a signal %s', async (_, options) => {
    const abortion = new AbortController();
    const stop = new Error('stop');
    const running = run({
      ...options,
      signal: abortion.signal,
      onProgress: () => abortion.abort(stop),
    });
    if (options.drill) abortion.abort(stop);
    await expect(running).rejects.toBe(stop);
  });

  test('says that it knows too little for a small budget', async () => {
    const { shadow, hours } = await run({ alarmsPerDay: 4 });
    expect(shadow.hours).toBeCloseTo(hours, 2);
  });

  test('with a drill raises the alarms that it raises without, and the drill is the same again', async () => {
    const options = { alarmsPerDay: 240, seed: 3 };
    const without = await run(options);
    const first = await run({ ...options, drill: 8 });
    const again = await run({ ...options, drill: 8 });
    const { drill, ...rest } = first;
    expect(rest).toEqual(without);
    expect(again).toEqual(first);
    expect(drill!.inserted).toBeGreaterThan(2);
    expect(drill!.inserted).toBeLessThanOrEqual(8);
    const kinds = Object.values(drill!.kinds);
    expect(kinds.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(drill!.inserted);
    expect(kinds.reduce((sum, { found }) => sum + found, 0)).toBe(drill!.found);
    expect(drill!.medianDelaySeconds === null).toBe(drill!.found === 0);
  });

  test('tries several budgets on the same scores, each as if alone', async () => {
    const options = { seed: 3, drill: 4 };
    const alone = [
      await run({ ...options, alarmsPerDay: 240 }),
      await run({ ...options, alarmsPerDay: 4 }),
    ];
    const { budgets, ...first } = await run({ ...options, alarmsPerDay: [240, 4] });
    expect(budgets).toEqual(alone);
    expect(first).toEqual(alone[0]);
    expect(alone[0]).not.toHaveProperty('budgets');
    const { threshold, alarmsPerDayLater, worstHour, alarms } = first;
    expect(threshold.least).toBeLessThanOrEqual(threshold.median);
    expect(threshold.most).toBeGreaterThanOrEqual(threshold.median);
    expect(alarmsPerDayLater).toBeNull();
    expect(worstHour).toBe(alarms);
  });

  test('judges what the drill puts in by what was normal just then', async () => {
    const { description, weights } = await readModel(at('model'));
    const { appearance, motion, pace } = description.statistics;
    const all = Object.entries({ appearance, motion, pace }).filter(([, map]) => map);
    /** Statistics in which every error is as large as no normal one, or as small. */
    const maps = (decibels: number) =>
      Object.fromEntries(
        all.map(([kind, map]) => [
          kind,
          {
            blocks: map!.blocks.map(({ size }) => ({
              size,
              quantiles: Array.from({ length: 10 }, (_, i) => decibels + i / 10),
              tail: 1,
            })),
          },
        ]),
      );
    const levels = [-1, 3].map((rarity) => ({ rarity, ...maps(200) }));
    const statistics = { frames: 40, ...maps(-200), recent: { frames: 6, levels } };
    await writeModel(at('by-minutes'), { description: { ...description, statistics }, weights });
    const footage = [at('1.mp4'), at('2.mp4')];
    const options = { alarmsPerDay: 2400, drill: 4, seed: 3 };
    const { alarms, drill } = await rehearse(at('by-minutes'), footage, options);
    expect(alarms).toBe(1);
    expect(drill!.inserted).toBeGreaterThan(0);
    expect(drill!.found).toBe(0);
  });

  test('takes nothing of what is ignored, in the footage and in the drill', async () => {
    const everything = { name: 'all', kind: 'ignore' as const, alarms: true };
    const corners: [number, number][] = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const options = { alarmsPerDay: 2400, drill: 4, seed: 3 };
    const seen = await run(options);
    expect(seen.alarms + seen.drill!.found).toBeGreaterThan(0);
    const ignored = await run({ ...options, regions: [{ ...everything, polygon: corners }] });
    expect(ignored.alarms).toBe(0);
    expect(ignored.drill!.found).toBe(0);
  });

  test('begins again after a gap in the footage', async () => {
    const pictures = walking(-1).slice(0, 120);
    const scoredOf = async (name: string, pause: number) => {
      const writer = await openVideoWriter(at(name), size);
      for (const [i, picture] of pictures.entries())
        await writer.write(picture, i / size.fps + (i < 60 ? 0 : pause));
      await writer.close();
      let scored = 0;
      await rehearse(at('model'), [at(name)], { onProgress: () => scored++ });
      return scored;
    };
    const warmUp = pictures.length - (await scoredOf('whole.mp4', 0));
    expect(warmUp).toBeGreaterThan(0);
    expect(await scoredOf('gap.mp4', 60)).toBe(pictures.length - 2 * warmUp);
  });

  test('wants footage', async () => {
    await expect(rehearse(at('model'), [])).rejects.toThrow('no footage');
    await expect(rehearse(at('model'), [at('none.mp4')])).rejects.toThrow('does not exist');
  });
});
