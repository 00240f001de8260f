import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clipLength } from '../../../src/model/configuration.ts';
import { presetConfiguration } from '../../../src/model/presets.ts';
import { FootageRehearser } from '../../../src/service/rehearsal/footage-rehearser.ts';
import { sharedFolder, size, swinging } from '../../cli/footage.ts';
import { writeVideo } from '../../video/footage.ts';
import { writeSmallModel } from '../inference/small-model.ts';
import { until } from '../poll.ts';

const FRAMES = 150;
const START = Date.UTC(2026, 0, 1);

const shared = sharedFolder(async (folder) => {
  await writeVideo(join(folder, '0.mp4'), size, swinging(FRAMES));
  await cp(join(folder, '0.mp4'), join(folder, '1.mp4'));
  await cp(join(folder, '0.mp4'), join(folder, 'later.mp4'));
  await writeSmallModel(join(folder, 'model'));
});

const seconds = FRAMES / size.fps;

/** Two files in a row, and one an hour later. */
const footage = () =>
  [
    { name: '0.mp4', from: START },
    { name: '1.mp4', from: START + 1000 * seconds },
    { name: 'later.mp4', from: START + 3_600_000 },
  ].map(({ name, from }) => ({
    path: join(shared(), name),
    from,
    to: from + 1000 * (seconds - 1 / size.fps),
    frames: FRAMES,
  }));

const job = (change = {}) => ({
  model: join(shared(), 'model'),
  footage: footage(),
  alarmsPerDay: 2400,
  drill: 2,
  grouping: 60,
  regions: [],
  ...change,
});

const never = new AbortController().signal;

test('a rehearsal runs in a process of its own that ends with it, and tells real times', async () => {
  const rehearser = new FootageRehearser({ nice: 0 });
  const shares: number[] = [];
  const found = await rehearser.rehearse(job(), (share) => shares.push(share), never);
  expect(found.hours).toBeCloseTo((3 * seconds) / 3600, 4);
  expect(found).toMatchObject({ budgetPerDay: 2400, drill: { kinds: expect.any(Object) } });
  expect(found).not.toHaveProperty('model');
  expect(found.alarms).toBe(found.peaks.length);
  for (const { time } of found.peaks)
    expect(footage().some(({ from, to }) => time >= from && time <= to + 1000)).toBe(true);
  expect(shares[0]).toBe(0);
  expect(rehearser.pid).toBeUndefined();
  expect(rehearser.residentBytes).toBe(0);
});

test('one waits for the one before; each ends by its signal', async () => {
  const rehearser = new FootageRehearser({ nice: 0 });
  const first = new AbortController();
  const second = new AbortController();
  let turn = false;
  const running = rehearser.rehearse(job(), () => undefined, first.signal);
  const waiting = rehearser.rehearse(job(), () => (turn = true), second.signal);
  await until('it runs', () => rehearser.pid !== undefined);
  expect(turn).toBe(false);
  second.abort();
  await expect(waiting).rejects.toThrow('abort');
  first.abort();
  await expect(running).rejects.toThrow('abort');
  await until('its process is gone', () => rehearser.pid === undefined);
  expect(turn).toBe(false);
});

test('footage that is too short, and a model that is none, are refused in one line', async () => {
  const rehearser = new FootageRehearser({ nice: 0 });
  const warmUp = clipLength(presetConfiguration('tiny')) - 1;
  const [file] = footage();
  const short = job({ footage: [{ ...file, frames: Math.min(2, warmUp) }] });
  await expect(rehearser.rehearse(short, () => undefined, never)).rejects.toThrow(
    /^too little footage: not even the \d+ frames/,
  );
  const none = job({ model: join(shared(), 'none') });
  await expect(rehearser.rehearse(none, () => undefined, never)).rejects.toThrow('none');
});

test('what is under way ends with the service', async () => {
  const rehearser = new FootageRehearser({ nice: 0 });
  const running = rehearser.rehearse(job(), () => undefined, never);
  running.catch(() => undefined);
  await until('it runs', () => rehearser.pid !== undefined);
  await rehearser.stop();
  await expect(running).rejects.toThrow('abort');
  expect(rehearser.pid).toBeUndefined();
});
