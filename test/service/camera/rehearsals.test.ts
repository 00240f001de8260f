import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { Rehearsals } from '../../../src/service/camera/rehearsals.ts';
import type { RehearsalOrder } from '../../../src/service/contract/rehearsal.ts';
import type { Rehearsed, StoredCamera } from '../../../src/service/parts.ts';
import { inventedEvent } from '../store/invented.ts';
import { FakeRehearser, type Stage, settingsOf, stage } from './fakes.ts';

const MINUTE = 60_000;
const order: RehearsalOrder = { drill: 20, hours: 24 };

const rehearsed: Rehearsed = {
  hours: 0.05,
  budgetPerDay: 4,
  alarms: 2,
  alarmsPerDay: 960,
  worstDay: 2,
  worstHour: 2,
  hoursOverBudget: 1,
  guarantee: 4,
  shadow: { hours: 0.05, alarms: 2 },
  withheld: 0,
  threshold: { first: 9, median: 8, last: 7, least: 7, most: 9 },
  peaks: [],
  drill: null,
};

function record(at: Stage, name: string, from: number): void {
  const path = join(at.folder.footage('yard'), name);
  mkdirSync(at.folder.footage('yard'), { recursive: true });
  writeFileSync(path, name);
  at.store.addFootage('yard', { path, from, to: from + MINUTE, frames: 600 });
}

/** A camera with two minutes that it learned, a minute kept for an event, and one of just now. */
function rehearsing(change: Partial<StoredCamera> = {}) {
  const at = stage();
  const now = Date.now();
  const learned = now - 100 * MINUTE;
  const settings = settingsOf();
  at.store.saveCamera({
    id: 'yard',
    settings,
    life: 'watching',
    resumed: 'watching',
    model: '/models/yard',
    threshold: null,
    learning: null,
    learned: {
      settings: settings.learning,
      span: { from: learned, to: learned + 2 * MINUTE },
      seconds: 120,
    },
    created: 1,
    ...change,
  });
  record(at, 'a.mp4', learned);
  record(at, 'b.mp4', learned + MINUTE);
  record(at, 'event.mp4', now - 50 * MINUTE);
  record(at, 'now.mp4', now - MINUTE);
  const rehearser = new FakeRehearser();
  return { at, now, rehearser, rehearsals: new Rehearsals(at.context, rehearser) };
}

const namesOf = (rehearser: FakeRehearser) =>
  rehearser.jobs.at(-1)!.job.footage.map(({ path }) => path.split('/').at(-1));

test('it runs on what was learned and what is recent, which stays while it runs', async () => {
  const { at, now, rehearser, rehearsals } = rehearsing();
  expect(rehearsals.status('yard')).toMatchObject({
    state: 'none',
    footage: { hours: 3 / 60, learnedHours: 2 / 60 },
  });
  expect(rehearsals.begin('yard', order)).toMatchObject({ state: 'waiting', order });
  await vi.waitFor(() => expect(rehearser.jobs).toHaveLength(1));
  const { job, end } = rehearser.jobs[0]!;
  expect(namesOf(rehearser)).toEqual(['a.mp4', 'b.mp4', 'now.mp4']);
  expect(job).toMatchObject({ model: '/models/yard', alarmsPerDay: 4, drill: 20, grouping: 5 });
  for (const { path } of at.store.footage('yard')) at.store.removeFootage(path);
  for (const { path } of job.footage) expect(existsSync(path)).toBe(true);

  rehearser.progress(0);
  expect(rehearsals.status('yard')).toMatchObject({
    state: 'running',
    progress: { share: 0, secondsLeft: null },
  });
  rehearser.progress(0.5);
  expect(rehearsals.status('yard')!.progress).toMatchObject({
    share: 0.5,
    secondsLeft: expect.any(Number),
  });

  const time = now - 30_000;
  at.store.addEvent(inventedEvent({ id: 'seen', camera: 'yard', start: time - 500 }), []);
  const peaks = [
    { time: now - 100 * MINUTE, score: 7 },
    { time, score: 12 },
  ];
  end.resolve({ ...rehearsed, peaks });
  await vi.waitFor(() => expect(rehearsals.status('yard')!.state).toBe('done'));
  const { report } = rehearsals.status('yard')!;
  expect(report).toMatchObject({ alarms: 2, learnedHours: 2 / 60, to: now });
  expect(report!.peaks).toEqual([
    { time, score: 12, event: 'seen' },
    { time: now - 100 * MINUTE, score: 7, event: null },
  ]);
  await vi.waitFor(() => expect(readdirSync(at.folder.rehearsals)).toEqual([]));
});

test('only the latest footage is taken where less is wanted; another budget is tried', async () => {
  const { rehearser, rehearsals } = rehearsing();
  rehearsals.begin('yard', { drill: 0, hours: 0.02, alarmsPerDay: 24 });
  await vi.waitFor(() => expect(rehearser.jobs).toHaveLength(1));
  expect(namesOf(rehearser)).toEqual(['b.mp4', 'now.mp4']);
  expect(rehearser.jobs[0]!.job).toMatchObject({ alarmsPerDay: 24, drill: 0 });
  rehearsals.forget('yard');
});

test('it can be cancelled, and another takes its place; its footage goes', async () => {
  const { at, rehearser, rehearsals } = rehearsing();
  rehearsals.begin('yard', order);
  await vi.waitFor(() => expect(rehearser.jobs).toHaveLength(1));
  rehearsals.begin('yard', { ...order, drill: 0 });
  await vi.waitFor(() => expect(rehearser.jobs).toHaveLength(2));
  expect(rehearsals.status('yard')).toMatchObject({ state: 'waiting', order: { drill: 0 } });
  expect(rehearsals.forget('yard')).toBe(true);
  expect(rehearsals.status('yard')).toMatchObject({ state: 'none', report: null });
  await vi.waitFor(() => expect(readdirSync(at.folder.rehearsals)).toEqual([]));
  expect(rehearsals.forget('nowhere')).toBe(false);
  expect(rehearsals.status('nowhere')).toBeUndefined();
});

test('why it failed is told, and what a killed service left goes', async () => {
  const { at, rehearser, rehearsals } = rehearsing();
  mkdirSync(join(at.folder.rehearsals, 'left'), { recursive: true });
  await rehearsals.start();
  expect(existsSync(at.folder.rehearsals)).toBe(false);
  rehearsals.begin('yard', order);
  await vi.waitFor(() => expect(rehearser.jobs).toHaveLength(1));
  rehearser.jobs[0]!.end.reject(new UserError('weights.safetensors: is truncated'));
  await vi.waitFor(() =>
    expect(rehearsals.status('yard')).toMatchObject({
      state: 'failed',
      reason: 'weights.safetensors: is truncated',
      progress: null,
    }),
  );
});

test('without a model or footage it does not begin', () => {
  const { at, rehearsals } = rehearsing({ model: null });
  expect(() => rehearsals.begin('yard', order)).toThrow('Yard has no model yet');
  at.store.saveCamera({ ...at.store.cameras()[0]!, model: '/models/yard' });
  for (const { path } of at.store.footage('yard')) at.store.removeFootage(path);
  expect(() => rehearsals.begin('yard', order)).toThrow('Yard has no footage to rehearse on yet');
});
