import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { atBudget, budgetThreshold } from '../../src/scoring/threshold.ts';
import type { CameraScore, CheckedModel, InferenceListener } from '../../src/service/parts.ts';
import { Service } from '../../src/service/service.ts';
import {
  checkedModel,
  FakeDecoders,
  FakeInference,
  FakeLearner,
  settingsOf,
  temporaryFolder,
} from './camera/fakes.ts';
import { until } from './poll.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const PER_DAY = 4;

/** Of ten minutes of footage: at four alarms a day its threshold is 19.2. */
const learned: CheckedModel = {
  ...checkedModel,
  threshold: atBudget(
    {
      confidence: 0.95,
      heldOutHours: 1 / 12,
      episodes: 9,
      level: 6,
      meanExcess: 1.4,
      meanExcessBound: 1.915,
    },
    PER_DAY / 24,
  ),
};

class Learner extends FakeLearner {
  override async check(): Promise<CheckedModel> {
    return learned;
  }
}

/** Two odd things in three minutes of an ordinary scene; the first is the one judged normal. */
const scenes = [
  { from: 40, to: 52, peak: 37.1, x: 0.2, look: [1, 0.2, -0.4, 0] },
  { from: 125, to: 133, peak: 33.9, x: 0.7, look: [-0.3, 0.9, 0.1, 0.6] },
];

/** The score at a second of the three minutes, which are played again and again. */
function scoreAt(time: number, second: number): CameraScore {
  const odd = scenes.find(({ from, to }) => second >= from && second < to);
  const middle = odd && (odd.from + odd.to) / 2;
  const rise = odd ? 1 - Math.abs(second - middle!) / (odd.to - odd.from) : 0;
  const score = odd ? odd.peak * rise : 2 + Math.sin(second) + (second % 30 === 0 ? 4 : 0);
  const flicker = 0.02 * Math.sin(7 * second);
  return {
    time,
    score,
    appearance: 0.8 * score,
    motion: 0.2 * score,
    regions: [],
    heatmap: { width: 1, height: 1, data: Uint8Array.of(255) },
    timeScale: null,
    place: { x: odd?.x ?? 0.5, y: 0.5 },
    look: (odd?.look ?? [0, 0, 0, 1]).map((value) => value + flicker),
  };
}

async function watching() {
  const decoders = new FakeDecoders();
  const inference = new FakeInference();
  let scoring: InferenceListener | undefined;
  const service = await Service.open(
    { data: temporaryFolder(), logger: pino({ level: 'silent' }) },
    {
      decoders,
      learner: new Learner(),
      inference: (listener) => {
        scoring = listener;
        return inference;
      },
    },
  );
  onTestFinished(() => service.close());
  const { id } = await service.cameras.add(
    settingsOf({ model: '/models/yard', budget: { alarmsPerDay: PER_DAY, call: 'always' } }),
  );
  decoders.last.online();
  await until('it is watched', () => inference.watched.has(id));
  decoders.last.frame(0, true);
  let time = Date.now() - 60 * MINUTE;
  /** The three minutes once, and a quiet minute after them. */
  const play = () => {
    for (let second = 0; second < 240; second++, time += SECOND)
      scoring!.onScore(id, scoreAt(time, second));
  };
  const alarms = () => service.events.page({ camera: id, kind: 'alarm', limit: 50 }).events;
  const threshold = () => service.cameras.status(id)!.threshold!.threshold;
  return { service, id, play, alarms, threshold };
}

test('three minutes of verdicts: what is real stays above the threshold, what is normal is silent', async () => {
  const { service, id, play, alarms, threshold } = await watching();
  expect(threshold()).toBeCloseTo(19.2, 0);
  play();
  const [second, first] = alarms();
  expect([first!.peak.score, second!.peak.score]).toEqual([37.1, 33.9]);

  // The rule before took a threshold of all that was seen: above what will be judged real.
  const seen = Float64Array.from({ length: 240 }, (_, i) => scoreAt(0, i).score);
  const before = budgetThreshold([{ scores: seen, fps: 1 }], { budgetPerHour: PER_DAY / 24 });
  expect(before.threshold).toBeGreaterThan(33.9);

  const real = service.events.judge(second!.id, 'real')!;
  expect(threshold()).toBeLessThan(33.9);
  expect(real.effect).toMatch(/^threshold .* because .*below this event \(33\.9\)/);
  const normal = service.events.judge(first!.id, 'normal')!;
  expect(threshold()).toBeLessThan(33.9);
  expect(normal.effect).toContain('what looks and moves like it there is a near miss');
  expect(service.cameras.status(id)!.verdictsWaiting).toBe(2);

  for (let round = 0; round < 3; round++) play();
  expect(threshold()).toBeLessThan(33.9);
  const later = alarms().slice(0, -2);
  // The real one alarms each time, until the budget is used up; the normal one never.
  expect(later.length).toBeGreaterThan(0);
  expect(new Set(later.map(({ peak }) => peak.score))).toEqual(new Set([33.9]));
  const { events } = service.events.page({ camera: id, kind: 'near miss', limit: 50 });
  const silent = events.filter(({ alike }) => alike !== null);
  expect(silent).toHaveLength(3);
  expect(silent[0]!.alike).toEqual({ event: first!.id, time: first!.start });
  expect(silent[0]!.peak.score).toBe(37.1);
});

test('both judged real: the threshold stays below both', async () => {
  const { service, play, alarms, threshold } = await watching();
  play();
  for (const { id } of alarms()) service.events.judge(id, 'real');
  expect(threshold()).toBeLessThan(33.9);
  play();
  expect(alarms()).toHaveLength(4);
});

test('a verdict that is taken back leaves nothing: the scene alarms again', async () => {
  const { service, id, play, alarms, threshold } = await watching();
  play();
  const first = alarms()[1]!;
  const before = threshold();
  service.events.judge(first.id, 'normal');
  const undone = service.events.judge(first.id, 'open')!;
  expect(undone.effect).toContain('taken back');
  expect(threshold()).toBeCloseTo(before, 6);
  expect(service.cameras.status(id)!.verdictsWaiting).toBe(0);
  play();
  expect(alarms()[1]!.peak.score).toBe(37.1);
});

test('an alarm under way that is deleted tells its end, and nothing after it', async () => {
  const { service, play, alarms } = await watching();
  play();
  const heard: string[] = [];
  service.live.listen((message) => {
    if (message.name === 'event') heard.push(`${message.data.id} ${message.data.end !== null}`);
    if (message.name === 'event removed') heard.push(`${message.data.id} removed`);
  });
  const [last] = alarms();
  service.store.updateEvent(last!.id, { end: null });
  expect(service.events.remove(last!.id)).toBe(true);
  expect(heard).toEqual([`${last!.id} true`, `${last!.id} removed`]);
});
