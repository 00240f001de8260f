import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { PlaceMap } from '../../../src/scoring/regions/place-map.ts';
import { modelThreshold } from '../../../src/service/budget/threshold-in-force.ts';
import { Cameras } from '../../../src/service/camera/cameras.ts';
import { CameraLife } from '../../../src/service/camera/life.ts';
import type { CameraSettings } from '../../../src/service/contract/camera.ts';
import { checkedModel, type Stage, scoreOf, settingsOf, stage } from './fakes.ts';

const MINUTE = 60_000;
const now = Date.now();
const start = now - (now % MINUTE) - 10 * MINUTE;

const right: CameraSettings['regions'][number] = {
  name: 'tree',
  kind: 'ignore',
  alarms: true,
  polygon: [
    [0.5, 0],
    [1, 0],
    [1, 1],
    [0.5, 1],
  ],
};

const storedCamera = (at: Stage, settings: CameraSettings) => ({
  id: 'yard',
  settings,
  life: 'watching' as const,
  resumed: 'watching' as const,
  model: join(at.folder.models('yard'), '1'),
  threshold: modelThreshold(checkedModel.threshold, 4),
  learning: null,
  created: 1,
});

async function watching(at: Stage, settings = settingsOf({ budget: { call: 'always' } })) {
  const stored = storedCamera(at, settings);
  at.store.saveCamera(stored);
  const life = new CameraLife(stored, false, at.context);
  onTestFinished(() => life.close());
  life.start();
  await begin(at);
  return life;
}

async function begin(at: Stage): Promise<void> {
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  at.decoders.last.frame(start, true);
}

/** A minute in which one half of the picture was odd; 144 is a rarity of about 50. */
const mapOf = (minute: number, side: 'left' | 'right', peak: number): PlaceMap => ({
  time: start + minute * MINUTE,
  width: 2,
  height: 1,
  peak,
  combination: 'sum',
  places: Uint8Array.from(side === 'left' ? [144, 60, 60, 60] : [60, 144, 60, 60]),
});

/** Two minutes whose peaks were 30: the first on the left, the second on the right. */
function seen(at: Stage): void {
  for (const minute of [0, 1]) {
    const peaks = new Float32Array(60).fill(1);
    peaks[30] = 30;
    at.store.addScores('yard', { from: start + minute * MINUTE, peaks });
    at.store.addPlaceMap('yard', mapOf(minute, minute === 0 ? 'left' : 'right', 30));
  }
}

const peaks = (at: Stage) =>
  [0, 1].map((minute) => {
    const from = start + minute * MINUTE;
    const [stretch] = at.store.scores('yard', from, from + MINUTE);
    return Math.max(...stretch!.peaks);
  });

test('other regions reach the decoder and inference, and what was seen is scored again', async () => {
  const at = stage();
  const life = await watching(at);
  seen(at);
  expect(peaks(at)).toEqual([30, 30]);
  await life.change({ ...life.settings, regions: [right] });
  expect(at.decoders.opened).toHaveLength(1);
  expect(at.decoders.last.ignored).toEqual([right]);
  expect(at.inference.regions.get('yard')).toEqual([right]);
  expect(peaks(at)[0]).toBe(30);
  expect(peaks(at)[1]).toBeLessThan(1.5);
  expect(at.store.keeper('yard')!.regions).toBe(JSON.stringify([right.polygon]));
  expect(life.status().otherRegions).toBe(true);
  // A name alone changes no score.
  await life.change({ ...life.settings, regions: [{ ...right, name: 'oak' }] });
  await life.change({ ...life.settings, regions: [] });
  expect(peaks(at)).toEqual([30, 30]);
  expect(life.status().otherRegions).toBe(false);
});

test('regions that changed while nothing watched are made up for', async () => {
  const at = stage();
  const life = await watching(at);
  await life.stop();
  seen(at);
  await life.change({ ...life.settings, regions: [right] });
  expect(peaks(at)).toEqual([30, 30]);
  life.resume();
  at.decoders.last.online();
  await vi.waitFor(() => expect(peaks(at)[1]).toBeLessThan(1.5));
  expect(at.decoders.last.ignored).toEqual([]);
});

test('a preview says what regions would have meant, and changes nothing', async () => {
  const at = stage();
  const settings = settingsOf({ budget: { call: 'always' } });
  at.store.saveCamera(storedCamera(at, settings));
  const cameras = new Cameras(at.context);
  cameras.start([]);
  onTestFinished(() => cameras.close());
  await begin(at);
  seen(at);
  const preview = cameras.previewRegions('yard', [right])!;
  expect(preview.before.totalAlarms).toBe(2);
  expect(preview.after.alarms.map(({ time, peak }) => [time, peak])).toEqual([
    [start + 30_000, 30],
  ]);
  expect(preview).toMatchObject({ hours: 120 / 3600, rescoredHours: 2 / 60 });
  expect(peaks(at)).toEqual([30, 30]);
  expect(cameras.previewRegions('none', [])).toBeUndefined();
});

test('an event says its zone, also where its peak moves to another', async () => {
  const at = stage();
  const life = await watching(at);
  life.scored({ ...scoreOf(start, 6), zone: 'door' });
  life.scored({ ...scoreOf(start + 2000, 9), zone: 'path' });
  const { events } = at.store.events({ limit: 9 });
  expect(events).toMatchObject([{ kind: 'alarm', zone: 'path' }]);
  expect(at.store.events({ zone: 'path', limit: 9 }).total).toBe(1);
  expect(at.store.events({ zone: 'door', limit: 9 }).total).toBe(0);
});

test('what a zone without alarms shows is listed, and neither alarms nor counts', async () => {
  const at = stage();
  const life = await watching(at);
  const saved = life.keeper!.trust.alarmsLeft;
  for (let time = start; time < start + 8000; time += 100) {
    const seenScore = { ...scoreOf(time, time < start + 2000 ? 9 : 1), zone: 'street' };
    life.scored({ ...scoreOf(time, 1), seen: seenScore });
  }
  await life.stop();
  const { events } = at.store.events({ limit: 9 });
  expect(events).toMatchObject([{ kind: 'near miss', zone: 'street', peak: { score: 9 } }]);
  expect(life.alarm).toBe(false);
  expect(saved).toBeGreaterThan(0);
  expect(at.store.scores('yard', start, start + MINUTE)[0]!.peaks[0]).toBe(1);
});

test.each(['snoozed', 'profile'] as const)('nobody is told of an alarm: %s', async (why) => {
  const at = stage({
    schedule: { inForce: (_, settings) => settings, quiet: () => why, snoozedUntil: () => null },
  });
  const life = await watching(at);
  life.scored(scoreOf(start, 9));
  expect(at.stored).toMatchObject([{ kind: 'alarm', shadow: true, quiet: why }]);
  expect(life.alarm).toBe(false);
});

test('a profile that comes into force changes budget and zones', async () => {
  let alarmsPerDay: number | undefined;
  const at = stage({
    schedule: {
      inForce: (_, settings) =>
        alarmsPerDay === undefined
          ? settings
          : { ...settings, budget: { ...settings.budget, alarmsPerDay }, regions: [right] },
      quiet: () => null,
      snoozedUntil: () => null,
    },
  });
  const life = await watching(at);
  seen(at);
  expect(life.keeper!.threshold.alarmsPerDay).toBe(4);
  alarmsPerDay = 100;
  life.apply();
  expect(life.keeper!.threshold.alarmsPerDay).toBe(100);
  expect(life.settings.budget.alarmsPerDay).toBe(4);
  expect(peaks(at)[1]).toBeLessThan(1.5);
  alarmsPerDay = undefined;
  life.apply();
  expect(life.keeper!.threshold.alarmsPerDay).toBe(4);
  expect(peaks(at)).toEqual([30, 30]);
});
