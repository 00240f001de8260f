import { mkdtempSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { UserError } from '../../src/errors.ts';
import { modelThreshold } from '../../src/service/budget/threshold-in-force.ts';
import {
  type CameraSettings,
  type CameraSource,
  cameraSettings,
  learningSettings,
  type SourceTest,
} from '../../src/service/contract/camera.ts';
import { configurationFile } from '../../src/service/contract/settings.ts';
import { eventFileNames } from '../../src/service/files/sweep.ts';
import type {
  DecoderFactory,
  DecoderListener,
  InferenceListener,
  NewEvent,
  StoredCamera,
} from '../../src/service/parts.ts';
import { Service } from '../../src/service/service.ts';
import { EventTable } from '../../src/service/store/event-table.ts';
import { openStore } from '../../src/service/store/sqlite/open-store.ts';
import { SqliteDatabase } from '../../src/service/store/sqlite/sqlite-database.ts';
import {
  checkedModel,
  FakeDecoder,
  FakeInference,
  FakeLearner,
  FakeRehearser,
} from './camera/fakes.ts';
import { demoPictures, pictureSize, writeEventFiles } from './pictures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Events that have files; those before them are only rows. */
const WITH_FILES = 100;
const VARIANTS = 24;

const rtsp = (host: string) => ({
  kind: 'rtsp' as const,
  url: `rtsp://operator:hunter2@${host}/stream1`,
});

const settingsOf = (name: string, source: object, more: object = {}): CameraSettings =>
  cameraSettings.parse({ name, source, model: '/models/shipped', ...more });

const footage = 'demo/upcam/testing/videos/00.mp4';

/** Set by the configuration file. */
const entrance = settingsOf('Entrance', { kind: 'file', path: footage });

const MINUTES_LEARNED = 10;
const learnedFrom = Date.now() - DAY;

const lastLearning = {
  settings: learningSettings.parse({ collectMinutes: MINUTES_LEARNED, preset: 'tiny' }),
  span: { from: learnedFrom, to: learnedFrom + MINUTES_LEARNED * MINUTE },
  seconds: MINUTES_LEARNED * 60,
};

/** The footage of that learning; the files are none that could be played. */
const learnedFootage = (folder: string) =>
  Array.from({ length: MINUTES_LEARNED }, (_, i) => ({
    path: join(folder, 'footage', 'yard', `${i}.mp4`),
    from: learnedFrom + i * MINUTE,
    to: learnedFrom + (i + 1) * MINUTE,
    frames: 600,
  }));

const stored: Readonly<Record<string, Partial<StoredCamera> & { settings: CameraSettings }>> = {
  yard: { settings: settingsOf('Back yard', rtsp('10.0.0.12')), learned: lastLearning },
  'car-park': {
    settings: settingsOf('Car park', rtsp('10.0.0.13'), { model: undefined }),
    life: 'learning',
    resumed: 'learning',
    model: null,
    threshold: null,
  },
  warehouse: {
    settings: settingsOf('Warehouse', {
      kind: 'http',
      url: 'http://operator:hunter2@10.0.0.14/video.mjpg',
    }),
  },
  gate: { settings: settingsOf('North gate', rtsp('10.0.0.15')) },
  shed: {
    settings: settingsOf('Tool shed', { kind: 'usb', device: '/dev/video0' }),
    life: 'stopped',
  },
};

/** The same number for the same place, 0 to 1. */
function noise(n: number): number {
  const x = Math.sin(n * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}

/** Decoders that show one picture and go online by themselves, but for the warehouse's. */
class StagedDecoders implements DecoderFactory {
  readonly opened = new Map<string, FakeDecoder>();
  readonly #jpeg: Uint8Array;

  constructor(jpeg: Uint8Array) {
    this.#jpeg = jpeg;
  }

  open({ name }: { readonly name: string }, listener: DecoderListener): FakeDecoder {
    const decoder = new FakeDecoder(listener);
    this.opened.set(name, decoder);
    setImmediate(() => this.#begin(name, listener));
    return decoder;
  }

  async test(source: CameraSource): Promise<SourceTest> {
    if ('url' in source && source.url.includes('offline'))
      throw new UserError('rtsp://offline: no answer within 10 s; is the address right?');
    const picture = `data:image/jpeg;base64,${Buffer.from(this.#jpeg).toString('base64')}`;
    return { ...pictureSize, fps: 25, codec: 'h264', picture };
  }

  #begin(name: string, listener: DecoderListener): void {
    if (name === 'Warehouse') {
      listener.onOffline('no answer from 10.0.0.14', 40_000);
      return;
    }
    listener.onOnline({ size: pictureSize, fps: 10, codec: 'h264' });
    listener.onPicture({ time: Date.now(), jpeg: this.#jpeg });
    if (name === 'North gate') listener.onScene('moved');
  }
}

export interface Staged {
  /** The real service, with a store on the disk. */
  readonly service: Service;
  /** As the inference process would say it. */
  readonly scoring: InferenceListener;
  readonly decoders: ReadonlyMap<string, FakeDecoder>;
  readonly rehearser: FakeRehearser;
  close(): Promise<void>;
}

/**
 * A whole service with six cameras in different states, and a history of events and scores. Decoders,
 * inference and learner are stand-ins that are played by hand.
 */
export async function stageService({ events }: { readonly events: number }): Promise<Staged> {
  const folder = mkdtempSync(join(tmpdir(), 'm2s2l-staged-'));
  const pictures = await demoPictures(25);
  const now = Date.now();
  seed(folder, events, now);
  await writeFiles(folder, events, pictures);
  const decoders = new StagedDecoders(pictures[0]!);
  const learner = new FakeLearner();
  const rehearser = new FakeRehearser();
  let scoring: InferenceListener | undefined;
  const configuration = configurationFile.parse({
    storage: {},
    cameras: [{ ...entrance, id: 'entrance' }],
  });
  const service = await Service.open(
    { data: folder, configuration, logger: pino({ level: 'silent' }), grace: 1 },
    {
      decoders,
      learner,
      rehearser,
      inference: (listener) => {
        scoring = listener;
        return new FakeInference();
      },
    },
  );
  scoring!.onReady();
  learner.progress({ phase: 'training', share: 0.31, secondsLeft: 828 });
  return {
    service,
    scoring: scoring!,
    decoders: decoders.opened,
    rehearser,
    close: async () => {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function seed(folder: string, events: number, now: number): void {
  seedCameras(folder, now);
  // One transaction for all of them.
  const database = new SqliteDatabase(join(folder, 'service.db'));
  const rows = new EventTable(database);
  database.transaction(() => {
    for (let i = 0; i < events; i++) {
      const start = Math.round(now - 20 * MINUTE - (i * 13 * DAY) / events);
      const event = inventedEvent(i, start);
      rows.add(event);
      const { thumbnail, clip } = filesOf(i, event);
      rows.update(event.id, {
        thumbnail,
        clip,
        clipMissing: clip || event.kind === 'near miss' ? null : 'the disk was full',
        verdict: noise(i * 11) < 0.15 ? 'real' : noise(i * 11) < 0.3 ? 'normal' : 'open',
      });
    }
  });
  database.close();
}

function seedCameras(folder: string, now: number): void {
  const store = openStore(folder);
  for (const [id, camera] of Object.entries({ entrance: { settings: entrance }, ...stored }))
    store.saveCamera(storedCamera(folder, id, camera));
  for (const [seed, id] of ['entrance', 'yard', 'gate', 'warehouse'].entries())
    store.addScores(id, {
      from: now - 12 * HOUR,
      peaks: Float32Array.from({ length: 12 * 3600 }, (_, i) => scoreAt(seed, i)),
    });
  for (const file of learnedFootage(folder)) store.addFootage('yard', file);
  store.addOddMinutes(
    [0, 1, 2, 3].map((i) => ({
      id: `odd-${i}`,
      camera: i < 3 ? 'entrance' : 'yard',
      time: now - DAY - i * 37 * MINUTE,
      score: 6 + 3 * noise(i),
      verdict: 'open',
    })),
  );
  store.saveSettings({
    ...store.settings(),
    webhooks: [{ url: 'http://127.0.0.1:1/m2s2l', secret: 'a-secret-key', kinds: ['alarm'] }],
    // Nothing listens there.
    mqtt: {
      url: 'mqtt://127.0.0.1:1',
      username: 'house',
      password: 'broker-password',
      topic: 'm2s2l',
      discovery: 'homeassistant',
    },
  });
  store.close();
}

async function writeFiles(
  folder: string,
  events: number,
  pictures: readonly Buffer[],
): Promise<void> {
  const variants = join(folder, 'variants');
  await mkdir(variants);
  await writeEventFiles(variants, pictures, VARIANTS);
  for (let i = 0; i < Math.min(events, WITH_FILES); i++) {
    const event = inventedEvent(i, 0);
    const { thumbnail, clip } = filesOf(i, event);
    const at = join(folder, 'events', event.id);
    await mkdir(at, { recursive: true });
    if (thumbnail) {
      await link(join(variants, `${i % VARIANTS}.jpg`), join(at, eventFileNames.thumbnail));
      await link(join(variants, `${i % VARIANTS}.png`), join(at, eventFileNames.heatmap));
    }
    if (clip) await link(join(variants, 'clip.mp4'), join(at, eventFileNames.clip));
  }
  await mkdir(join(folder, 'footage', 'yard'), { recursive: true });
  for (const { path } of learnedFootage(folder)) await writeFile(path, 'footage');
  for (let i = 0; i < 4; i++) {
    const picture = join(folder, 'odd', i < 3 ? 'entrance' : 'yard', `odd-${i}.jpg`);
    await mkdir(dirname(picture), { recursive: true });
    await writeFile(picture, pictures[i]!);
  }
}

function filesOf(i: number, { kind }: NewEvent) {
  const thumbnail = i < WITH_FILES;
  return { thumbnail, clip: thumbnail && kind === 'alarm' && noise(i * 17) > 0.05 };
}

function storedCamera(
  folder: string,
  id: string,
  change: Partial<StoredCamera> & { readonly settings: CameraSettings },
): StoredCamera {
  const model = '/models/shipped';
  const learning = {
    settings: { ...change.settings.learning, file: join(folder, 'variants', 'clip.mp4') },
    out: join(folder, 'models', id, '1'),
    begun: Date.now() - HOUR,
  };
  return {
    id,
    life: 'watching',
    resumed: 'watching',
    model,
    threshold: modelThreshold(checkedModel.threshold, 4),
    learning: change.life === 'learning' ? learning : null,
    created: Date.now() - 14 * DAY,
    ...change,
  };
}

/** Quiet for most seconds, with a few high ones. */
const scoreAt = (seed: number, second: number): number =>
  1 +
  0.8 * noise(seed * 7 + second) +
  (noise(seed * 3 + second * 1.7) > 0.999 ? 8 * noise(second) : 0);

function inventedEvent(n: number, start: number): NewEvent {
  const near = noise(n * 3) < 0.4;
  const score = near ? 2.6 + 0.5 * noise(n * 5) : 3.2 + 4 * noise(n * 5) ** 3;
  const motion = noise(n * 7) < 0.6;
  const length = Math.round(2000 + 28_000 * noise(n * 13) ** 2);
  return {
    id: `event-${n}`,
    camera: ['entrance', 'yard', 'gate'][Math.floor(noise(n) * 3)]!,
    kind: near ? 'near miss' : 'alarm',
    start,
    end: start + length,
    peak: {
      time: start + Math.round(length * 0.4),
      score,
      appearance: motion ? score * 0.4 : score,
      motion: motion ? score : score * 0.5,
    },
    threshold: 3.12,
    cause: motion ? 'motion' : 'appearance',
    timeScale: motion ? [0.2, 0.4, 0.8][n % 3]! : null,
    regions: [
      {
        x: Math.round(60 + 400 * noise(n * 19)),
        y: Math.round(60 + 140 * noise(n * 23)),
        width: 90,
        height: 80,
        score,
      },
    ],
    size: pictureSize,
    shadow: false,
    alike: null,
    withheld: false,
    zone: null,
    quiet: null,
    signatures: [],
  };
}
