import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { modelThreshold } from '../../../src/service/budget/threshold-in-force.ts';
import { CameraLife } from '../../../src/service/camera/life.ts';
import type { CameraSettingsInput } from '../../../src/service/contract/camera.ts';
import { type Learned, type StoredCamera, StoreFull } from '../../../src/service/parts.ts';
import { checkedModel, format, type Stage, scoreOf, settingsOf, stage } from './fakes.ts';

const start = Date.now() - 100_000;

function lifeOf(
  at: Stage,
  change: Partial<StoredCamera> = {},
  settings: Partial<CameraSettingsInput> = {},
): CameraLife {
  const camera: StoredCamera = {
    id: 'yard',
    settings: settingsOf(settings),
    life: 'watching',
    resumed: 'watching',
    model: join(at.folder.models('yard'), '1'),
    threshold: modelThreshold(checkedModel.threshold, 4),
    learning: null,
    created: 1,
    ...change,
  };
  at.store.saveCamera(camera);
  const life = new CameraLife(camera, false, at.context);
  onTestFinished(() => life.close());
  life.start();
  return life;
}

/** A camera that watches, online, and has scored its first frame. */
async function watching(at: Stage, settings: Partial<CameraSettingsInput> = {}) {
  const life = lifeOf(at, {}, settings);
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  at.decoders.last.frame(start, true);
  life.scored(scoreOf(start, 1));
  return life;
}

/** An alarm from `time` on, still under way. */
function alarm(life: CameraLife, time: number, peak = 9): void {
  life.scored(scoreOf(time, 6));
  life.scored(scoreOf(time + 100, peak));
}

/** A learning of the camera that collected a minute of footage. */
const collected = (at: Stage, path = 'a.mp4', from = Date.now()) =>
  at.decoders.last.listener.onRecorded({
    path: join(at.folder.footage('yard'), path),
    from,
    to: from + 60_000,
    frames: 600,
  });

const learningOf = (at: Stage, change: Partial<StoredCamera['learning']> = {}) => ({
  settings: settingsOf({ learning: { collectMinutes: 2, preset: 'tiny' } }).learning,
  out: join(at.folder.models('yard'), '1'),
  begun: Date.now() - 1000,
  ...change,
});

const learned: Learned = {
  model: checkedModel,
  heldOut: [
    { from: start - 3_600_000, peaks: Float32Array.from({ length: 600 }, (_, i) => (i % 7) / 7) },
  ],
  oddMinutes: [{ id: 'odd1', camera: 'yard', time: start, score: 12 }],
};

test('a camera with a model watches: frames are scored, the address is shown without its password', async () => {
  const at = stage();
  const life = await watching(at);
  const status = life.status();
  expect(status).toMatchObject({ state: 'watching', detail: 'Watches', lastScore: 1 });
  expect(JSON.stringify(status)).not.toContain('secret');
  expect(at.decoders.last.format).toEqual(format);
  expect(at.inference.pushed).toHaveLength(1);
});

test('an alarm is stored, then told; its thumbnail and clip follow', async () => {
  const at = stage();
  const life = await watching(at);
  alarm(life, start + 1000);
  expect(at.stored).toHaveLength(1);
  expect(life.status().detail).toBe('Something is not normal');
  life.scored(scoreOf(start + 8000, 1));
  await vi.waitFor(() =>
    expect(at.store.event(at.stored[0]!.id)).toMatchObject({
      kind: 'alarm',
      camera: 'yard',
      size: { width: 640, height: 360 },
      peak: { score: 9 },
      thumbnail: true,
      clip: true,
      clipMissing: null,
    }),
  );
  expect(at.store.event(at.stored[0]!.id)!.end).not.toBeNull();
  expect(existsSync(join(at.context.files.eventFolder(at.stored[0]!.id), 'clip.mp4'))).toBe(true);
  expect(life.status().detail).toBe('Watches');
});

test('what keeps a clip from being made is said with the event', async () => {
  const at = stage();
  const life = await watching(at);
  at.decoders.last.trouble = 'nothing is kept of that time';
  alarm(life, start + 1000);
  life.scored(scoreOf(start + 8000, 1));
  await vi.waitFor(() =>
    expect(at.store.event(at.stored[0]!.id)).toMatchObject({
      clip: false,
      clipMissing: 'nothing is kept of that time',
    }),
  );
});

test('no clip is tried while the disk is full', async () => {
  const at = stage();
  at.context.files.noClips = () => 'the disk is full';
  const life = await watching(at);
  alarm(life, start + 1000);
  life.scored(scoreOf(start + 8000, 1));
  await vi.waitFor(() =>
    expect(at.store.event(at.stored[0]!.id)).toMatchObject({ clipMissing: 'the disk is full' }),
  );
});

test('a near miss is kept with a picture and a clip', async () => {
  const at = stage();
  const life = await watching(at);
  life.scored(scoreOf(start + 1000, 4.5));
  life.scored(scoreOf(start + 8000, 1));
  await vi.waitFor(() =>
    expect(at.stored.at(-1)).toMatchObject({ kind: 'near miss', thumbnail: true, clip: true }),
  );
});

test('a short break is reconnecting; after the grace time the camera is offline, and comes back', async () => {
  const at = stage({ grace: 100 });
  const life = await watching(at);
  alarm(life, start + 1000);
  at.decoders.last.listener.onOffline('the connection was lost', 500);
  expect(life.status()).toMatchObject({
    state: 'watching',
    detail: 'Reconnecting: the connection was lost',
  });
  expect(at.store.openEvents()).toHaveLength(1);
  await vi.waitFor(() => expect(life.status().state).toBe('offline'));
  expect(life.status().detail).toContain('the connection was lost');
  expect(at.store.openEvents()).toHaveLength(0);
  at.decoders.last.online();
  expect(life.status()).toMatchObject({ state: 'watching', detail: 'Warms up' });
});

test('a camera that never answers is offline after the grace time', async () => {
  const at = stage({ grace: 100 });
  const life = lifeOf(at);
  expect(life.status().detail).toBe('Connects to the camera');
  at.decoders.last.listener.onOffline('the camera refuses', 500);
  await vi.waitFor(() => expect(life.status().state).toBe('offline'));
  expect(life.status().detail).toContain('the camera refuses');
});

test('a decoder that loses its camera while it is ended leaves no timer behind', async () => {
  const at = stage();
  const life = await watching(at);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { listener } = at.decoders.last;
  at.decoders.last.stop = async () => listener.onOffline('the connection broke', 1000);
  await life.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a fresh frame ends the event that went on before the break', async () => {
  const at = stage();
  const life = await watching(at);
  alarm(life, start + 1000);
  at.decoders.last.frame(start + 60_000, true);
  expect(at.store.openEvents()).toHaveLength(0);
});

test('while the scene is changed nothing is scored and no event begins; afterwards it is warmed up again', async () => {
  const at = stage();
  const life = await watching(at);
  alarm(life, start + 1000);
  at.decoders.last.listener.onScene('moved');
  expect(life.status()).toMatchObject({ state: 'scene changed', scene: 'moved' });
  expect(at.store.openEvents()).toHaveLength(0);
  expect(at.decoders.last.recording).toBeNull();
  at.decoders.last.frame(start + 10_000);
  alarm(life, start + 10_000);
  expect(at.inference.pushed).toHaveLength(1);
  expect(at.store.openEvents()).toHaveLength(0);
  at.decoders.last.listener.onScene(null);
  at.decoders.last.frame(start + 20_000);
  at.decoders.last.frame(start + 20_100);
  const [before, after, next] = at.inference.pushed;
  expect(after!.stretch).toBeGreaterThan(before!.stretch);
  expect(next!.stretch).toBe(after!.stretch);
  expect(life.status().state).toBe('watching');
});

test('while scoring restarts the camera waits; given up, it is offline with the reason', async () => {
  const at = stage();
  const life = await watching(at);
  alarm(life, start + 1000);
  life.scoringLost('inference ended with SIGKILL', false);
  expect(life.status()).toMatchObject({
    state: 'watching',
    detail: 'Scoring restarts: inference ended with SIGKILL',
  });
  expect(at.store.openEvents()).toHaveLength(0);
  life.scoringLost('inference ended with SIGKILL', true);
  expect(life.status()).toMatchObject({ state: 'offline' });
  expect(life.status().detail).toContain('inference ended with SIGKILL');
  life.scoringReady();
  expect(life.status().state).toBe('watching');
  at.decoders.last.frame(start + 20_000);
  const [before, after] = at.inference.pushed;
  expect(after!.stretch).toBeGreaterThan(before!.stretch);
});

test('a model that cannot be used is refused with its line, and nothing else of the camera ends', async () => {
  const at = stage();
  const refused = join(at.folder.models('yard'), '1');
  at.learner.refused.set(refused, 'weights.safetensors: is truncated');
  const life = lifeOf(at);
  at.decoders.last.online();
  await vi.waitFor(() => expect(life.status().state).toBe('offline'));
  expect(life.status().detail).toContain('weights.safetensors: is truncated');
  expect(at.decoders.last.running).toBe(true);
});

test('a model that fails in use is refused', async () => {
  const at = stage();
  const life = await watching(at);
  life.modelFailed('weights hold values that are no numbers');
  expect(life.status()).toMatchObject({ state: 'offline' });
  expect(life.status().detail).toContain('no numbers');
  expect(at.inference.watched.size).toBe(0);
});

test('a pace below what comes is said', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const at = stage();
  const life = await watching(at);
  for (let second = 0; second < 8; second++) {
    vi.advanceTimersByTime(1000);
    at.inference.scored += 3;
    life.tick();
  }
  expect(life.status().detail).toContain('scores 3 of 10 frames a second');
});

test('learning collects as much footage as is wanted, trains, calibrates, then watches', async () => {
  const at = stage();
  const life = lifeOf(at, { life: 'learning', model: null, learning: learningOf(at) });
  at.decoders.last.online();
  expect(at.decoders.last.scenesLearned).toBe(1);
  expect(at.decoders.last.recording).toBe(at.folder.footage('yard'));
  expect(at.decoders.last.recordingFormat).toMatchObject({ width: 128, height: 64 });
  collected(at);
  expect(life.status()).toMatchObject({
    state: 'learning',
    detail: 'Collects 1 of 2 minutes of footage',
    progress: { phase: 'collecting' },
  });
  expect(life.status().progress!.share).toBeCloseTo(0.5, 1);
  const { secondsLeft } = life.status().progress!;
  for (let second = 0; second < 10; second++) life.tick();
  expect(life.status().progress!.secondsLeft).toBeCloseTo(secondsLeft! - 10);
  at.decoders.last.listener.onOffline('the line is down', 1000);
  life.tick();
  expect(life.status().progress!.secondsLeft).toBeCloseTo(secondsLeft! - 10);
  at.decoders.last.online();
  expect(at.learner.jobs).toHaveLength(0);
  collected(at, 'b.mp4', Date.now() + 60_000);
  expect(at.decoders.last.recording).toBeNull();
  expect(at.learner.jobs[0]!.job.footage).toHaveLength(2);
  at.learner.progress({ phase: 'training', share: 0.3, secondsLeft: 10 });
  expect(life.status()).toMatchObject({ state: 'learning', progress: { share: 0.3 } });
  at.learner.progress({ phase: 'calibrating', share: 0.1, secondsLeft: 2 });
  expect(life.status()).toMatchObject({ state: 'calibrating' });
  expect(at.store.cameras()[0]!.life).toBe('calibrating');
  at.learner.jobs[0]!.end.resolve(learned);
  await vi.waitFor(() => expect(life.status().state).toBe('watching'));
  expect(life.status()).toMatchObject({ oddMinutes: 1, progress: null });
  // From the held-out scores and the budget, not the model's own.
  expect(life.status().threshold!.hours).toBeGreaterThanOrEqual(600 / 3600);
  expect(at.inference.watched.get('yard')).toBe(join(at.folder.models('yard'), '1'));
});

test('after a restart collecting goes on where it was, and a finished one trains', async () => {
  const at = stage();
  const learning = learningOf(at);
  const first = lifeOf(at, { life: 'learning', model: null, learning });
  at.decoders.last.online();
  collected(at);
  await first.close();
  const second = new CameraLife(at.store.cameras()[0]!, false, at.context);
  onTestFinished(() => second.close());
  second.start();
  expect(second.status().progress).toMatchObject({ phase: 'collecting' });
  expect(second.status().progress!.share).toBeCloseTo(0.5, 1);
  collected(at, 'b.mp4');
  expect(at.learner.jobs).toHaveLength(1);
});

test('learning from a file takes it at once, whether the camera answers or not', () => {
  const at = stage();
  const settings = { ...learningOf(at).settings, file: '/footage/yard.mp4' };
  const life = lifeOf(at, {
    life: 'learning',
    model: null,
    learning: learningOf(at, { settings }),
  });
  expect(at.learner.jobs[0]!.job.footage).toMatchObject([{ path: '/footage/yard.mp4' }]);
  expect(life.status().progress).toMatchObject({ phase: 'training' });
});

test('a learning that fails says why; learning again works', async () => {
  const at = stage();
  const settings = { ...learningOf(at).settings, file: '/footage/yard.mp4' };
  const life = lifeOf(at, {
    life: 'learning',
    model: null,
    learning: learningOf(at, { settings }),
  });
  const { UserError } = await import('../../../src/errors.ts');
  at.learner.jobs[0]!.end.reject(new UserError('too little footage: 4 s; give at least a minute'));
  await vi.waitFor(() => expect(life.status().detail).toContain('too little footage: 4 s'));
  expect(life.status()).toMatchObject({ state: 'learning', progress: null });
  await life.learn(settings);
  expect(at.learner.jobs).toHaveLength(2);
  at.learner.jobs[1]!.end.resolve(learned);
  at.decoders.last.online();
  await vi.waitFor(() => expect(life.status().state).toBe('watching'));
});

test('a full disk holds collecting up, and says so', () => {
  const at = stage();
  const life = lifeOf(at, { life: 'learning', model: null, learning: learningOf(at) });
  at.decoders.last.online();
  at.decoders.last.listener.onRecordingFailed('the disk is full');
  expect(life.status().detail).toContain('held up: the disk is full');
  collected(at);
  expect(life.status().detail).toBe('Collects 1 of 2 minutes of footage');
});

test('while it learns again the model in use watches, until the new one takes its place', async () => {
  const at = stage();
  const life = await watching(at);
  mkdirSync(join(at.folder.models('yard'), '1'), { recursive: true });
  await life.learn(learningOf(at).settings);
  expect(life.status()).toMatchObject({ state: 'watching', progress: { phase: 'collecting' } });
  expect(life.status().detail).toBe('Watches; collects 0 of 2 minutes of footage');
  alarm(life, start + 1000);
  expect(at.stored).toHaveLength(1);
  collected(at, 'a.mp4', Date.now() + 1);
  collected(at, 'b.mp4', Date.now() + 1);
  const { job, end } = at.learner.jobs[0]!;
  expect(job.out).toBe(join(at.folder.models('yard'), '2'));
  mkdirSync(job.out);
  writeFileSync(join(job.out, 'model.json'), '{}');
  end.resolve(learned);
  await vi.waitFor(() => expect(at.inference.watched.get('yard')).toBe(job.out));
  expect(at.store.cameras()[0]).toMatchObject({ life: 'watching', model: job.out, learning: null });
  await vi.waitFor(() => expect(existsSync(join(at.folder.models('yard'), '1'))).toBe(false));
  expect(existsSync(job.out)).toBe(true);
});

test('a learning again that fails leaves the model in use', async () => {
  const at = stage();
  const life = await watching(at);
  await life.learn({ ...learningOf(at).settings, file: '/footage/yard.mp4' });
  at.learner.jobs[0]!.end.reject(new Error('the disk is full'));
  await vi.waitFor(() => expect(life.status().detail).toContain('learning failed'));
  expect(life.status().state).toBe('watching');
  expect(at.inference.watched.has('yard')).toBe(true);
});

test('learning again after the scene changed: the old model watches no more, old footage is left out', async () => {
  const at = stage();
  const life = await watching(at);
  collected(at, 'old.mp4', start);
  at.decoders.last.listener.onScene('moved');
  await life.learn(learningOf(at).settings);
  at.decoders.last.listener.onScene(null);
  expect(life.status()).toMatchObject({ state: 'learning' });
  expect(at.inference.watched.size).toBe(0);
  expect(at.store.footage('yard')).toHaveLength(0);
  expect(at.decoders.last.scenesLearned).toBe(2);
});

test('footage of events judged normal enters the next learning, that of real ones does not', async () => {
  const at = stage();
  const life = await watching(at);
  for (const [i, verdict] of (['normal', 'real', 'open'] as const).entries()) {
    const time = start + 10_000 + i * 20_000;
    alarm(life, time);
    life.scored(scoreOf(time + 9000, 1));
    at.store.updateEvent(at.store.eventsBetween('yard', time, time)[0]!.id, { verdict });
  }
  const file = (path: string, from: number) =>
    at.decoders.last.listener.onRecorded({ path, from, to: from + 5000, frames: 50 });
  file('normal.mp4', start + 10_000);
  file('real.mp4', start + 30_000);
  file('open.mp4', start + 50_000);
  await life.learn(learningOf(at).settings);
  file('new.mp4', Date.now() + 1);
  at.decoders.last.listener.onRecorded({
    path: 'new2.mp4',
    from: Date.now() + 1,
    to: Date.now() + 120_001,
    frames: 1200,
  });
  expect(at.learner.jobs[0]!.job.footage.map(({ path }) => path)).toEqual([
    'normal.mp4',
    'new.mp4',
    'new2.mp4',
  ]);
});

test('stopped keeps everything and goes on with what it did', async () => {
  const at = stage();
  const life = await watching(at);
  await life.stop();
  expect(life.status()).toMatchObject({ state: 'stopped', detail: 'Stopped' });
  expect(at.decoders.last.running).toBe(false);
  expect(at.inference.watched.size).toBe(0);
  life.resume();
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  expect(life.status().state).toBe('watching');
});

test('before anything was seen the threshold follows the budget by what the model measured', async () => {
  const at = stage();
  const life = await watching(at);
  for (const alarmsPerDay of [1, 400]) {
    await life.change(settingsOf({ budget: { alarmsPerDay } }));
    const { threshold } = modelThreshold(checkedModel.threshold, alarmsPerDay);
    expect(life.status().threshold).toMatchObject({ alarmsPerDay, hours: 0.1 });
    expect(life.status().threshold!.threshold).toBeCloseTo(threshold, 1);
  }
});

test('another budget sets another threshold at once', async () => {
  const at = stage();
  const life = await watching(at);
  at.store.addScores('yard', learned.heldOut[0]!);
  await life.change(settingsOf({ budget: { alarmsPerDay: 4.1 } }));
  const strict = life.status().threshold!;
  await life.change(settingsOf({ budget: { alarmsPerDay: 400 } }));
  expect(life.status().threshold!.threshold).toBeLessThan(strict.threshold);
  expect(at.decoders.opened).toHaveLength(1);
});

test('an alarm before enough was seen is listed, and nobody is told', async () => {
  const at = stage();
  const life = await watching(at, { budget: { call: 'when trusted', grouping: 5 } });
  expect(life.status()).toMatchObject({
    detail: 'On trial: alarms are listed but not sent',
    trust: {
      shadow: true,
      line: expect.stringMatching(/^On trial, alarms are not sent: 6 min/),
    },
  });
  alarm(life, start + 1000);
  expect(at.stored).toMatchObject([{ kind: 'alarm', shadow: true }]);
  expect(life.alarm).toBe(false);
});

test('what keeps the budget is stored, and goes on after a restart', async () => {
  const at = stage();
  const life = await watching(at);
  const { alarmsLeft } = life.status().trust!;
  alarm(life, start + 1000);
  const { trust, threshold } = life.status();
  expect(trust!.alarmsLeft).toBe(alarmsLeft - 1);
  await life.close();
  const again = await watching(at);
  expect(again.status().trust).toEqual(trust);
  expect(again.threshold).toBeCloseTo(threshold!.threshold, 6);
});

test('an alarm while the scene is being judged waits; it is told when the scene fits', async () => {
  const at = stage();
  const life = await watching(at);
  at.decoders.last.listener.onDoubt(true);
  alarm(life, start + 1000);
  expect(at.stored).toEqual([]);
  expect(life.alarm).toBe(false);
  at.decoders.last.listener.onDoubt(false);
  expect(at.stored).toMatchObject([{ kind: 'alarm', start: start + 1000 }]);
  expect(life.alarm).toBe(true);
});

test('an alarm that waited for a scene that is another one is none, and costs nothing', async () => {
  const at = stage();
  const life = await watching(at);
  const { alarmsLeft } = life.status().trust!;
  at.decoders.last.listener.onDoubt(true);
  alarm(life, start + 1000);
  at.decoders.last.listener.onScene('moved');
  at.decoders.last.listener.onDoubt(false);
  expect(at.stored).toEqual([]);
  expect(life.status().trust!.alarmsLeft).toBe(alarmsLeft);
});

test('an alarm that another view raised is taken back', async () => {
  const at = stage();
  const life = await watching(at);
  const { alarmsLeft } = life.status().trust!;
  alarm(life, start + 1000);
  life.scored(scoreOf(start + 3000, 20));
  at.decoders.last.listener.onScene('moved');
  const [event] = at.store.events({ limit: 5 }).events;
  expect(event).toMatchObject({ retracted: expect.stringContaining('another view') });
  expect(event!.end).not.toBeNull();
  expect(life.alarm).toBe(false);
  expect(life.status().trust!.alarmsLeft).toBe(alarmsLeft);
});

test('another source opens another decoder, and the look of the scene is learned anew', async () => {
  const at = stage();
  const life = await watching(at);
  const before = at.decoders.last;
  await life.change(settingsOf({ source: { kind: 'rtsp', url: 'rtsp://other.example/' } }));
  expect(before.running).toBe(false);
  at.decoders.last.online();
  expect(at.decoders.last.scenesLearned).toBe(1);
});

test('stopped in the very moment in which its learning ends, it goes on with what it learned', async () => {
  for (let moments = 0; moments < 12; moments++) {
    const at = stage();
    const settings = { ...learningOf(at).settings, file: '/footage/yard.mp4' };
    const learning = learningOf(at, { settings });
    const state = { life: 'learning', resumed: 'learning', model: null, threshold: null } as const;
    const life = lifeOf(at, { ...state, learning });
    at.learner.jobs[0]!.end.resolve(learned);
    for (let i = 0; i < moments; i++) await undefined;
    await life.stop();
    const { resumed, model } = at.store.cameras()[0]!;
    expect(resumed).toBe(model === null ? 'learning' : 'watching');
  }
});

test('learning again in the very moment in which a learning ends takes nothing from what was learned', async () => {
  const at = stage();
  const life = await watching(at);
  const pictures = Promise.withResolvers<void>();
  at.decoders.last.thumbnail = () => pictures.promise;
  const { settings } = learningOf(at);
  await life.learn({ ...settings, file: '/footage/yard.mp4' });
  const { job, end } = at.learner.jobs[0]!;
  mkdirSync(job.out, { recursive: true });
  alarm(life, start + 1000);
  end.resolve(learned);
  await vi.waitFor(() => expect(at.inference.watched.size).toBe(0));
  const again = life.learn(settings);
  pictures.resolve();
  await again;
  expect(existsSync(job.out)).toBe(true);
  expect(at.inference.watched.get('yard')).toBe(job.out);
  expect(at.store.cameras()[0]).toMatchObject({ life: 'watching', model: job.out });
  expect(at.store.cameras()[0]!.learning?.out).not.toBe(job.out);
  expect(life.status().progress).toMatchObject({ phase: 'collecting' });
});

test('a model whose check ends when the scene is learned anew comes into use no more', async () => {
  const at = stage();
  const check = Promise.withResolvers<typeof checkedModel>();
  at.learner.check = () => check.promise;
  const life = lifeOf(at);
  at.decoders.last.online();
  at.decoders.last.listener.onScene('moved');
  await life.learn(learningOf(at).settings);
  check.resolve(checkedModel);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(at.inference.watched.size).toBe(0);
});

test('the old look of a scene is gone when it is to be learned anew: a service that is killed learns it, too', async () => {
  const at = stage();
  const scene = at.folder.scene('yard');
  mkdirSync(join(scene, '..'), { recursive: true });
  writeFileSync(scene, '{}');
  const life = await watching(at);
  await life.learn(learningOf(at).settings);
  expect(existsSync(scene)).toBe(false);
});

test('a clock that is set back by hours holds no collecting up', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const at = stage();
  const state = { life: 'learning', resumed: 'learning', model: null, threshold: null } as const;
  const life = lifeOf(at, { ...state, learning: learningOf(at) });
  at.decoders.last.online();
  collected(at, 'before.mp4');
  vi.setSystemTime(Date.now() - 7_200_000);
  life.tick();
  expect(at.learner.jobs).toHaveLength(0);
  collected(at, 'after.mp4');
  expect(at.learner.jobs[0]?.job.footage).toHaveLength(2);
});

test('scores of the model before set no threshold of the one that was learned on a full disk', async () => {
  const at = stage();
  const life = await watching(at);
  mkdirSync(join(at.folder.models('yard'), '1'), { recursive: true });
  const hour = 3_600_000;
  const before = Float32Array.from({ length: 7200 }, (_, i) => 40 + (i % 7));
  at.store.addScores('yard', { from: start - 3 * hour, peaks: before });
  const { removeScores } = at.store;
  at.store.removeScores = () => {
    throw new StoreFull('the disk is full');
  };
  await life.learn({ ...learningOf(at).settings, file: '/footage/yard.mp4' });
  const { job, end } = at.learner.jobs[0]!;
  end.resolve(learned);
  await vi.waitFor(() => expect(at.inference.watched.get('yard')).toBe(job.out));
  expect(life.threshold).toBeLessThan(40);
  at.store.removeScores = removeScores;
  life.tick();
  const scores = at.store.scores('yard', 0, Date.now()).flatMap(({ peaks }) => [...peaks]);
  expect(Math.max(...scores)).toBeLessThan(40);
  expect(at.store.oddMinutes('yard')).toHaveLength(1);
});

test('a near miss that stronger ones of its hour replace is gone with its files', async () => {
  const removed: string[] = [];
  const at = stage();
  at.context.files.removeEvent = (id) => void removed.push(id);
  const life = await watching(at);
  for (let i = 0; i < 22; i++) {
    life.scored(scoreOf(start + i * 16_000, 4 + i / 100));
    life.scored(scoreOf(start + i * 16_000 + 8000, 1));
  }
  const kept = at.store.events({ kind: 'near miss', limit: 50 }).events;
  expect(kept).toHaveLength(20);
  const dropped = at.stored.filter(({ id }) => !kept.some((event) => event.id === id));
  expect(new Set(dropped.map(({ id }) => id))).toEqual(new Set(removed));
  expect(removed).toHaveLength(2);
});

test('on a full disk another model comes into use, and near misses go on', async () => {
  const at = stage();
  const full = () => {
    throw new StoreFull('the disk is full');
  };
  at.store.removeScores = full;
  at.store.removeEvent = full;
  const life = await watching(at);
  await life.change({ ...life.settings, model: '/models/other' }, { model: checkedModel });
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.get('yard')).toBe('/models/other'));
  for (let i = 0; i < 22; i++) {
    life.scored(scoreOf(start + i * 16_000, 4 + i / 100));
    life.scored(scoreOf(start + i * 16_000 + 8000, 1));
  }
  expect(at.store.events({ kind: 'near miss', limit: 50 }).events).toHaveLength(22);
});
