import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { modelThreshold } from '../../../src/service/budget/threshold-in-force.ts';
import { CameraLife } from '../../../src/service/camera/life.ts';
import type { Verdict } from '../../../src/service/contract/event.ts';
import type { Learned, StoredCamera } from '../../../src/service/parts.ts';
import { checkedModel, type Stage, scoreOf, settingsOf, stage } from './fakes.ts';

const MINUTE = 60_000;

const settings = settingsOf({
  learning: { collectMinutes: 2, preset: 'tiny' },
  budget: { alarmsPerDay: 200, call: 'always', grouping: 5 },
});
const learned: Learned = { model: checkedModel, heldOut: [], oddMinutes: [] };

function lifeOf(at: Stage, camera: StoredCamera): CameraLife {
  const life = new CameraLife(camera, false, at.context);
  onTestFinished(() => life.close());
  life.start();
  at.decoders.last.online();
  return life;
}

const record = (at: Stage, name: string, from: number, seconds = 60) =>
  at.decoders.last.listener.onRecorded({
    path: join(at.folder.footage('yard'), name),
    from,
    to: from + 1000 * seconds,
    frames: 10 * seconds,
  });

const footageOf = (at: Stage) =>
  at.learner.jobs.at(-1)!.job.footage.map(({ path }) => path.split('/').at(-1));

/** A camera that has learned two minutes of footage, an hour ago, and watches. */
async function watching(at: Stage) {
  const began = Date.now() - 60 * MINUTE;
  const camera: StoredCamera = {
    id: 'yard',
    settings,
    life: 'learning',
    resumed: 'learning',
    model: null,
    threshold: null,
    learning: {
      settings: settings.learning,
      out: join(at.folder.models('yard'), '1'),
      begun: began,
    },
    created: 1,
  };
  mkdirSync(camera.learning!.out, { recursive: true });
  at.store.saveCamera(camera);
  const life = lifeOf(at, camera);
  record(at, 'a.mp4', began + 1);
  record(at, 'b.mp4', began + MINUTE + 2);
  at.learner.jobs[0]!.end.resolve(learned);
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  at.decoders.last.frame(Date.now() - 10 * MINUTE, true);
  return { life, began };
}

/** An alarm that was judged, with the minute of footage that shows it. */
function judged(at: Stage, life: CameraLife, name: string, time: number, verdict: Verdict): string {
  life.scored(scoreOf(time - 1000, 1));
  life.scored(scoreOf(time, 9));
  life.scored(scoreOf(time + 9000, 1));
  const [event] = at.store.eventsBetween('yard', time, time, 'alarm');
  const changed = at.store.updateEvent(event!.id, { verdict })!;
  life.keeper!.judge(changed, verdict, [{ x: 0, y: 0, features: [1], score: 9 }]);
  record(at, name, time - 500, 10);
  return event!.id;
}

test('the footage of the last learning is kept, and learned again with what was judged', async () => {
  const at = stage();
  const { life } = await watching(at);
  const now = Date.now();
  record(at, 'later.mp4', now - 30 * MINUTE);
  judged(at, life, 'normal.mp4', now - 9 * MINUTE, 'normal');
  judged(at, life, 'real.mp4', now - 8 * MINUTE, 'real');
  expect(life.status()).toMatchObject({
    verdictsWaiting: 2,
    learnAgain: {
      possible: true,
      line: 'from the 2 min of footage that it learned from, and what was judged',
    },
  });
  await life.learn('again');
  // Nothing is collected, and the look of the scene stays.
  expect(life.status()).toMatchObject({ state: 'watching', progress: { phase: 'training' } });
  expect(footageOf(at)).toEqual(['a.mp4', 'b.mp4', 'normal.mp4']);
  expect(at.decoders.last.scenesLearned).toBe(1);
  const { job, end } = at.learner.jobs.at(-1)!;
  expect(job.learning).toEqual(settings.learning);
  expect(job.confirmed).toHaveLength(1);
  end.resolve(learned);
  await vi.waitFor(() => expect(at.inference.watched.get('yard')).toBe(job.out));
  expect(life.status()).toMatchObject({ verdictsWaiting: 0, learnAgain: { possible: true } });
  await life.learn('again');
  expect(footageOf(at)).toEqual(['a.mp4', 'b.mp4', 'normal.mp4']);
});

test('what was judged real within that footage is left out of it', async () => {
  const at = stage();
  const { life, began } = await watching(at);
  at.store.addOddMinutes([
    { id: 'odd', camera: 'yard', time: began + MINUTE + 3, score: 9, verdict: 'real' },
  ]);
  await life.learn('again');
  expect(footageOf(at)).toEqual(['a.mp4']);
});

test('a verdict while it is learned waits for the next learning, as what no footage shows is remembered', async () => {
  const at = stage();
  const { life } = await watching(at);
  const now = Date.now();
  const shown = judged(at, life, 'shown.mp4', now - 9 * MINUTE, 'normal');
  const lost = judged(at, life, 'lost.mp4', now - 8 * MINUTE, 'normal');
  at.store.removeFootage(join(at.folder.footage('yard'), 'lost.mp4'));
  await life.learn('again');
  const late = judged(at, life, 'late.mp4', now - 7 * MINUTE, 'normal');
  expect(life.status().verdictsWaiting).toBe(3);
  const { job, end } = at.learner.jobs.at(-1)!;
  end.resolve(learned);
  await vi.waitFor(() => expect(at.inference.watched.get('yard')).toBe(job.out));
  expect(life.status().verdictsWaiting).toBe(1);
  const { memory, waiting } = at.store.keeper('yard')!;
  expect(waiting).toEqual([late]);
  expect(memory.map(({ id }) => id)).toEqual([lost, late]);
  expect(memory.map(({ id }) => id)).not.toContain(shown);
});

test('after a restart the very same footage is learned, whatever was recorded since', async () => {
  const at = stage();
  const { life } = await watching(at);
  await life.learn('again');
  record(at, 'since.mp4', Date.now() + 1);
  await life.close();
  const again = lifeOf(at, at.store.cameras()[0]!);
  expect(at.learner.jobs).toHaveLength(3);
  expect(footageOf(at)).toEqual(['a.mp4', 'b.mp4']);
  expect(again.status().progress).toMatchObject({ phase: 'training' });
});

test('a camera whose footage is gone, or that shows another view, says so and keeps its model', async () => {
  const at = stage();
  const { life } = await watching(at);
  at.store.removeFootage(join(at.folder.footage('yard'), 'a.mp4'));
  expect(life.status().learnAgain).toEqual({
    possible: true,
    line: 'from the 1 min that are left of the 2 min of footage that it learned from, and what was judged',
  });
  at.decoders.last.listener.onScene('moved');
  await expect(life.learn('again')).rejects.toThrow('shows another view than the one it learned');
  at.decoders.last.listener.onScene(null);
  at.store.removeFootage(join(at.folder.footage('yard'), 'b.mp4'));
  await expect(life.learn('again')).rejects.toThrow(
    'camera yard: cannot learn again at once: the 2 min of footage that it learned from are no longer kept; let it learn again from the camera',
  );
  expect(life.status()).toMatchObject({ state: 'watching', learnAgain: { possible: false } });
  expect(at.learner.jobs).toHaveLength(1);
});

test('a file is learned again with what was judged since; a model from elsewhere cannot be', async () => {
  const at = stage();
  const file = '/footage/yard.mp4';
  const camera: StoredCamera = {
    id: 'yard',
    settings: { ...settings, model: '/models/other' },
    life: 'watching',
    resumed: 'watching',
    model: '/models/other',
    threshold: modelThreshold(checkedModel.threshold, 4),
    learning: null,
    created: 1,
  };
  at.store.saveCamera(camera);
  const life = lifeOf(at, camera);
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  expect(life.status().learnAgain).toEqual({
    possible: false,
    line: 'its model was not learned here',
  });
  await life.learn({ ...settings.learning, file });
  at.learner.jobs[0]!.end.resolve(learned);
  await vi.waitFor(() => expect(life.status().learnAgain.possible).toBe(true));
  at.decoders.last.frame(Date.now() - 10 * MINUTE, true);
  judged(at, life, 'normal.mp4', Date.now() - 9 * MINUTE, 'normal');
  await life.learn('again');
  expect(footageOf(at)).toEqual(['yard.mp4', 'normal.mp4']);
});
