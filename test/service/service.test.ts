import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import type { LiveMessage } from '../../src/service/contract/live.ts';
import { openVideo } from '../../src/video/open.ts';
import { until } from './poll.ts';
import { inventedFootage, openService, settingsOf } from './whole-service.ts';

const invented = inventedFootage();

test('a camera learns from a file, watches, and its events have pictures', async () => {
  const service = await openService(join(invented.folder, 'data'));
  onTestFinished(() => service.close());
  const heard: LiveMessage[] = [];
  service.listen((message) => heard.push(message));
  const { id } = await service.addCamera(settingsOf(invented));
  console.log(service.camera(id));
  const timer = setInterval(
    () =>
      console.log(
        service.camera(id)?.state,
        service.camera(id)?.detail,
        service.camera(id)?.progress,
        service.camera(id)?.lastScore,
        service.camera(id)?.threshold?.threshold,
      ),
    1000,
  );
  onTestFinished(() => clearInterval(timer));
  await until('it watches', () => service.camera(id)?.state === 'watching');
  await until('a whole event', () =>
    service
      .events({ limit: 10 })
      .events.some(({ clip, thumbnail, end }) => clip && thumbnail && end),
  );
  console.log(service.events({ limit: 10 }), service.camera(id));
  const [event] = service.events({ limit: 10 }).events.filter(({ clip }) => clip);
  const file = (kind: 'thumbnail' | 'heatmap' | 'clip') => service.eventFile(event!.id, kind)!.path;
  expect((await sharp(await readFile(file('thumbnail'))).metadata()).width).toBe(128);
  expect((await sharp(await readFile(file('heatmap'))).metadata()).format).toBe('png');
  const clip = await openVideo(file('clip'), { width: 128, height: 64, channels: 1 });
  let frames = 0;
  for await (const _ of clip) frames += 1;
  expect(frames).toBeGreaterThan(5);
});
