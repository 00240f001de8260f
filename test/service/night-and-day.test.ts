import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Decoders } from '../../src/service/decoder/decoders.ts';
import { SharedInference } from '../../src/service/inference/shared-inference.ts';
import { FootageLearner } from '../../src/service/learning/footage-learner.ts';
import { Service } from '../../src/service/service.ts';
import { writeVideo } from '../video/footage.ts';
import { inventedFootage, scene, settingsOf, size } from './whole-service.ts';

const invented = inventedFootage();

/** Two models are learned, one after the other, at a low priority. */
const PATIENCE = { timeout: 480_000, interval: 50 };

/** Bright and coloured: red is raised, blue is taken away. */
const byDay = (picture: Uint8Array): Uint8Array =>
  picture.map((value, i) => Math.min(255, value + [90, 40, -30][i % 3]!));

/** As infrared shows it: dark and without colour. */
const byNight = (picture: Uint8Array): Uint8Array => picture.map((value) => value / 2);

test('a camera with two lights learns a model for each, and switches between them', async () => {
  const footage = join(invented.folder, 'both');
  await mkdir(footage);
  const pictures = scene(300);
  await writeVideo(join(footage, 'day.mp4'), size, pictures.map(byDay));
  await writeVideo(join(footage, 'night.mp4'), size, pictures.map(byNight));
  const loop = join(invented.folder, 'day-and-night.mp4');
  await writeVideo(loop, size, [
    ...pictures.slice(0, 200).map(byDay),
    ...pictures.slice(0, 200).map(byNight),
  ]);
  const data = join(invented.folder, 'two-lights');
  const service = await Service.open(
    { data, logger: pino({ level: 'silent' }) },
    {
      decoders: new Decoders(),
      inference: (listener) => new SharedInference(listener),
      learner: new FootageLearner({ lightSeconds: 20 }),
    },
  );
  onTestFinished(() => service.close());
  const { id } = await service.cameras.add(
    settingsOf(invented, {
      source: { kind: 'file', path: loop },
      learning: { file: footage, trainMinutes: 0.1, preset: 'tiny' },
      budget: { alarmsPerDay: 4, call: 'always' },
    }),
  );
  const camera = () => service.cameras.status(id)!;
  await expect.poll(() => camera().state, PATIENCE).toBe('watching');
  const model = join(data, 'models', id, '1');
  for (const file of ['light.json', 'model.json', 'night/model.json'])
    expect(existsSync(join(model, file))).toBe(true);
  for (const light of ['night', 'day', 'night'] as const) {
    await expect.poll(() => camera().light, PATIENCE).toBe(light);
    await expect.poll(() => camera().lastScore, PATIENCE).not.toBeNull();
  }
  service.cameras.scores(id, 0, Date.now(), 10);
  for (const light of ['day', 'night'] as const)
    expect(service.store.scores(id, 0, Date.now(), light).length).toBeGreaterThan(0);
  const { events } = service.events.page({ kind: 'alarm', limit: 100 });
  expect(events.filter(({ retracted }) => retracted === null)).toEqual([]);
}, 600_000);
