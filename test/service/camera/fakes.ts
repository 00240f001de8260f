import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { PictureRegion } from '../../../src/scoring/regions/regions.ts';
import { atBudget } from '../../../src/scoring/threshold.ts';
import type { CameraContext } from '../../../src/service/camera/context.ts';
import { EventLog } from '../../../src/service/camera/event-log.ts';
import { ModelChecks } from '../../../src/service/camera/model-checks.ts';
import {
  type CameraSettings,
  type CameraSettingsInput,
  type CameraSource,
  cameraSettings,
  type SourceTest,
} from '../../../src/service/contract/camera.ts';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import type { LiveScore } from '../../../src/service/contract/live.ts';
import { DataFolder } from '../../../src/service/files/data-folder.ts';
import type {
  CameraDecoder,
  CameraFrame,
  CameraScore,
  CheckedModel,
  DecoderFactory,
  DecoderListener,
  FilmUnderWay,
  Heatmap,
  Inference,
  Learned,
  Learner,
  LearningJob,
  RehearsalJob,
  Rehearsed,
  Rehearser,
} from '../../../src/service/parts.ts';
import type { SqlStore } from '../../../src/service/store/sql-store.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import type { FrameFormat } from '../../../src/video/frame.ts';

/** A decoder that is played by hand. */
export class FakeDecoder implements CameraDecoder {
  readonly listener: DecoderListener;
  readonly residentBytes = 0;
  readonly counts = { frames: 0, dropped: 0, reconnects: 0, framesPerSecond: 10 };
  running = false;
  format: FrameFormat | null = null;
  recording: string | null = null;
  recordingFormat: FrameFormat | undefined;
  scenesLearned = 0;
  #stretch = 0;
  /** What thumbnails and clips fail with. */
  trouble: string | undefined;

  constructor(listener: DecoderListener) {
    this.listener = listener;
  }

  start(): void {
    this.running = true;
  }

  async stop(): Promise<void> {
    this.running = false;
  }

  setFormat(format: FrameFormat | null): void {
    this.format = format;
  }

  record(folder: string | null, format?: FrameFormat): void {
    this.recording = folder;
    this.recordingFormat = format;
  }

  ignored: readonly PictureRegion[] = [];

  ignore(regions: readonly PictureRegion[]): void {
    this.ignored = regions;
  }

  learnScene(): void {
    this.scenesLearned += 1;
  }

  async thumbnail(_time: number, _heatmap: Heatmap, folder: string): Promise<void> {
    if (this.trouble) throw new UserError(this.trouble);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'thumbnail.jpg'), '');
    writeFileSync(join(folder, 'heatmap.png'), '');
  }

  async clip(_from: number, _to: number, path: string): Promise<void> {
    if (this.trouble) throw new UserError(this.trouble);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }

  film(from: number, path: string): FilmUnderWay {
    return { until: () => undefined, end: (to) => this.clip(from, to, path) };
  }

  online(): void {
    this.listener.onOnline({ size: { width: 640, height: 360 }, fps: 10, codec: 'h264' });
  }

  /** @param fresh the first after a break */
  frame(time: number, fresh = false): void {
    if (fresh) this.#stretch += 1;
    this.listener.onFrame({ time, stretch: this.#stretch, data: new Uint8Array(1) });
  }
}

export class FakeDecoders implements DecoderFactory {
  readonly opened: FakeDecoder[] = [];

  open(_options: unknown, listener: DecoderListener): FakeDecoder {
    const decoder = new FakeDecoder(listener);
    this.opened.push(decoder);
    return decoder;
  }

  async test(_source: CameraSource): Promise<SourceTest> {
    throw new UserError('no picture');
  }

  /** The one that was opened last. */
  get last(): FakeDecoder {
    return this.opened.at(-1)!;
  }
}

export class FakeInference implements Inference {
  readonly residentBytes = 0;
  readonly watched = new Map<string, string>();
  readonly pushed: CameraFrame[] = [];
  scored = 0;

  start(): void {}

  async stop(): Promise<void> {}

  watch(camera: string, folder: string): void {
    this.watched.set(camera, folder);
  }

  readonly regions = new Map<string, readonly PictureRegion[]>();

  setRegions(camera: string, regions: readonly PictureRegion[]): void {
    this.regions.set(camera, regions);
  }

  unwatch(camera: string): void {
    this.watched.delete(camera);
  }

  push(_camera: string, frame: CameraFrame): void {
    this.pushed.push(frame);
  }

  counts() {
    return { dropped: 0, scored: this.scored, latencyMs: 20 };
  }
}

export const format: FrameFormat = { width: 128, height: 64, channels: 1 };

export const checkedModel: CheckedModel = {
  format,
  preset: 'tiny',
  // At four alarms a day it is 5.
  threshold: atBudget(
    {
      confidence: 0.95,
      heldOutHours: 0.1,
      episodes: 2,
      level: 2,
      meanExcess: 0.3,
      meanExcessBound: 0.5056,
    },
    4 / 24,
  ),
};

export class FakeLearner implements Learner {
  readonly residentBytes = 0;
  readonly jobs: { readonly job: LearningJob; readonly end: PromiseWithResolvers<Learned> }[] = [];
  /** Models that are refused, by their folder, and why. */
  readonly refused = new Map<string, string>();
  progress: Parameters<Learner['learn']>[1] = () => undefined;

  learn(
    job: LearningJob,
    onProgress: Parameters<Learner['learn']>[1],
    signal: AbortSignal,
  ): Promise<Learned> {
    const end = Promise.withResolvers<Learned>();
    this.jobs.push({ job, end });
    this.progress = onProgress;
    signal.addEventListener('abort', () => end.reject(signal.reason));
    return end.promise;
  }

  async check(folder: string): Promise<CheckedModel> {
    const reason = this.refused.get(folder);
    if (reason !== undefined) throw new UserError(reason);
    return checkedModel;
  }

  async stop(): Promise<void> {}
}

/** Rehearsals that are played by hand. */
export class FakeRehearser implements Rehearser {
  readonly residentBytes = 0;
  readonly jobs: { readonly job: RehearsalJob; readonly end: PromiseWithResolvers<Rehearsed> }[] =
    [];
  progress: (share: number) => void = () => undefined;

  rehearse(
    job: RehearsalJob,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Rehearsed> {
    const end = Promise.withResolvers<Rehearsed>();
    this.jobs.push({ job, end });
    this.progress = onProgress;
    signal.addEventListener('abort', () => end.reject(signal.reason));
    return end.promise;
  }

  async stop(): Promise<void> {
    for (const { end } of this.jobs) end.reject(new DOMException('stopped', 'AbortError'));
  }
}

export const heatmap: Heatmap = { width: 2, height: 1, data: new Uint8Array([0, 255]) };

export function scoreOf(time: number, score: number): CameraScore {
  return {
    time,
    score,
    appearance: score / 4,
    motion: (3 * score) / 4,
    regions: [{ x: 1, y: 2, width: 3, height: 4, score }],
    heatmap,
    timeScale: 0.4,
  };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'm2s2l-service-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Stage {
  readonly context: CameraContext;
  readonly store: SqlStore;
  readonly decoders: FakeDecoders;
  readonly inference: FakeInference;
  readonly learner: FakeLearner;
  readonly stored: AnomalyEvent[];
  readonly live: LiveScore[];
  readonly folder: DataFolder;
}

/** A camera's surroundings, all of which are played by hand but for the store. */
export function stage(change: Partial<CameraContext> = {}): Stage {
  const folder = new DataFolder(temporaryFolder());
  const store = openStore(folder.path);
  onTestFinished(() => store.close());
  const decoders = new FakeDecoders();
  const inference = new FakeInference();
  const learner = new FakeLearner();
  const stored: AnomalyEvent[] = [];
  const live: LiveScore[] = [];
  const events = new EventLog(store, {
    cameraName: (id) => id,
    messages: () => [],
    onStored: (event) => void stored.push(event),
  });
  const context: CameraContext = {
    store,
    events,
    decoders,
    inference,
    learner,
    models: new ModelChecks(learner),
    folder,
    schedule: {
      inForce: (_, settings) => settings,
      quiet: () => null,
      snoozedUntil: () => null,
    },
    logger: { info: () => undefined, warn: () => undefined, error: fail },
    grace: 60_000,
    files: {
      eventFolder: (id) => join(folder.path, 'events', id),
      noClips: () => undefined,
      eventWritten: () => undefined,
      removeEvent: () => undefined,
      footageWritten: () => undefined,
      fetch: async () => undefined,
      removeFootage: (path) => store.removeFootage(path),
    },
    onChange: () => undefined,
    onRemoved: () => undefined,
    onScore: (score) => void live.push(score),
    ...change,
  };
  return { context, store, decoders, inference, learner, stored, live, folder };
}

function fail(details: unknown): void {
  throw new Error(`a fault was logged: ${JSON.stringify(details)}`);
}

export function settingsOf(input: Partial<CameraSettingsInput> = {}): CameraSettings {
  return cameraSettings.parse({
    name: 'Yard',
    source: { kind: 'rtsp', url: 'rtsp://user:secret@camera.example/stream' },
    clip: { before: 0, after: 0 },
    budget: { call: 'always', grouping: 5 },
    ...input,
  });
}
