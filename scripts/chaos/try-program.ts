/** A program: opens damaged inputs, one after another, which may crash, hang or take all memory. */

import { join } from 'node:path';
import { importDataset } from '../../src/datasets/import/import.ts';
import { readDataset } from '../../src/datasets/layout.ts';
import { Model } from '../../src/detector/model.ts';
import { UserError } from '../../src/errors.ts';
import { StreamScorer } from '../../src/scoring/score.ts';
import { MqttPublisher } from '../../src/service/mqtt/mqtt-publisher.ts';
import { post } from '../../src/service/outbox/post.ts';
import { openLive } from '../../src/video/live/open.ts';
import { StreamLost } from '../../src/video/live/stream.ts';
import { openVideo } from '../../src/video/open.ts';
import type { Outcome, Trial } from './tries.ts';

const format = { width: 32, height: 32, channels: 1 } as const;

/** Milliseconds that a network trial may last. */
const SHORT = 1500;

async function attempt({ kind, path }: Trial): Promise<void> {
  switch (kind) {
    case 'model':
      return model(path);
    case 'video': {
      let frames = 0;
      for await (const _ of await openVideo(path, format)) if (++frames === 100) return;
      return;
    }
    case 'labels':
      await readDataset(path);
      return;
    case 'avenue':
    case 'shanghaitech':
    case 'ucsd':
      await importDataset(kind, path, join(path, '..', 'imported'));
      return;
    case 'http':
    case 'rtsp':
      return live(kind, path);
    case 'webhook':
      await post(path, '{}', {}, AbortSignal.timeout(SHORT));
      return;
    case 'mqtt':
      return mqtt(path);
    default:
      kind satisfies never;
      throw new Error(`${kind}: is no kind of trial`);
  }
}

async function model(path: string): Promise<void> {
  const { detector, description } = await Model.load(path, { batch: 1 });
  const { width, height, channels } = detector.format;
  const scorer = new StreamScorer(description.statistics, description.scoring);
  const stream = detector.open();
  const frame = new Uint8Array(channels * height * width).fill(128);
  for (let i = 0; i < detector.clipLength; i++) {
    const [errors] = await detector.step([{ stream, frame }]);
    if (errors) scorer.push(errors);
  }
}

async function live(kind: 'http' | 'rtsp', url: string): Promise<void> {
  const source = kind === 'http' ? { kind, url } : ({ kind, url, transport: 'tcp' } as const);
  const stream = await openLive(source, { patience: SHORT });
  try {
    for (let i = 0; i < 5; i++) if (!(await stream.next())) return;
  } finally {
    await stream.close();
  }
}

async function mqtt(url: string): Promise<void> {
  const publisher = new MqttPublisher(
    { url, topic: 'm2s2l', discovery: 'homeassistant' },
    { reconnect: 200, timeout: 500 },
  );
  publisher.start();
  await new Promise((resolve) => setTimeout(resolve, SHORT));
  await publisher.stop();
}

/** Errors of a peer that went away or answers nonsense are what callers expect of a network. */
function isExpected(error: unknown, kind: Trial['kind']): boolean {
  if (error instanceof UserError || error instanceof StreamLost) return true;
  return kind === 'webhook' && error instanceof Error;
}

process.on('message', async (trial: Trial) => {
  let outcome: Outcome;
  try {
    await attempt(trial);
    outcome = { kind: 'opened' };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const oneLine = !message.trim().includes('\n') && message.length < 1000;
    outcome = isExpected(error, trial.kind)
      ? oneLine
        ? { kind: 'refused', message }
        : { kind: 'fault', message: `more than a line: ${message.slice(0, 300)}` }
      : { kind: 'fault', message: stack ?? message };
  }
  process.send!({ outcome, residentBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());
