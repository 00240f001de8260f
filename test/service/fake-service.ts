import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import type { CameraChange, ServiceCommands } from '../../src/service/commands.ts';
import {
  type CameraSettings,
  type CameraSettingsInput,
  type CameraStatus,
  cameraSettings,
  type OddMinute,
  type ThresholdInForce,
} from '../../src/service/contract/camera.ts';
import type { AnomalyEvent, EventFilter, Verdict } from '../../src/service/contract/event.ts';
import type { LiveMessage } from '../../src/service/contract/live.ts';
import { type ServiceSettings, serviceSettings } from '../../src/service/contract/settings.ts';
import { keepSourceSecrets, maskCameraSettings } from '../../src/service/secrets.ts';
import { demoPictures, drawnPicture, pictureSize, spot, writeEventFiles } from './fake-pictures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const VARIANTS = 24;
const GRID = 24;

export interface FakeOptions {
  readonly events?: number;
  /** Scores and pictures five times a second. */
  readonly lively?: boolean;
}

type FakeCamera = CameraStatus & { readonly secretSettings: CameraSettings };

/** The same number for the same place, 0 to 1: data that look like themselves at each look. */
function noise(n: number): number {
  const x = Math.sin(n * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}

/** A whole service in memory, with data that look real: for the API and the page. */
export class FakeService implements ServiceCommands {
  readonly started = Date.now();
  readonly #cameras = new Map<string, FakeCamera>();
  #events: AnomalyEvent[] = [];
  #odd: OddMinute[] = [];
  #settings: ServiceSettings = serviceSettings.parse({
    webhooks: [{ url: 'https://hooks.example.org/m2s2l', secret: 'a-secret-key' }],
    mqtt: { url: 'mqtt://broker.local', username: 'house', password: 'broker-password' },
  });
  readonly #listeners = new Set<(message: LiveMessage) => void>();
  readonly #folder: string;
  readonly #demo: readonly Buffer[];
  readonly #drawn = new Map<string, Buffer[]>();
  readonly #timers: NodeJS.Timeout[] = [];
  #made = 0;

  private constructor(folder: string, demo: readonly Buffer[]) {
    this.#folder = folder;
    this.#demo = demo;
  }

  static async open({ events = 10_000, lively = true }: FakeOptions = {}): Promise<FakeService> {
    const folder = await mkdtemp(join(tmpdir(), 'm2s2l-fake-'));
    const pictures = await demoPictures(lively ? 60 : 25);
    await writeEventFiles(folder, pictures, VARIANTS);
    const service = new FakeService(folder, pictures);
    await service.#addCameras();
    service.#addEvents(events);
    service.#addOddMinutes();
    if (lively) service.#live();
    return service;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await rm(this.#folder, { recursive: true, force: true });
  }

  status() {
    return {
      version: '0.1.0',
      started: this.started,
      notices: ['the disk is nearly full: clips are left out until there is room'],
      storage: { bytes: 7_340_000_000, maxBytes: 20_000_000_000, diskFree: 410_000_000 },
      outbox: { waiting: 3, oldest: Date.now() - 4 * MINUTE, lastError: 'hooks.example.org: 502' },
      mqtt: 'connected' as const,
    };
  }

  ready() {
    return { ready: true, reason: 'all is there' };
  }

  settings() {
    return this.#settings;
  }

  setSettings(settings: ServiceSettings) {
    return (this.#settings = settings);
  }

  settingsFromFile() {
    return ['storage'] as const;
  }

  cameras(): CameraStatus[] {
    return [...this.#cameras.values()].map(shown);
  }

  camera(id: string): CameraStatus | undefined {
    const camera = this.#cameras.get(id);
    return camera && shown(camera);
  }

  async addCamera(settings: CameraSettings): Promise<CameraStatus> {
    const source = keepSourceSecrets(settings.source);
    const id = `camera-${++this.#made}`;
    const drawn = await drawings(settings.name, (this.#made * 67) % 360);
    this.#drawn.set(id, drawn);
    return this.#set(
      fakeCamera(id, { ...settings, source }, 'learning', 'Collects normal footage', {
        progress: {
          phase: 'collecting',
          share: 0,
          secondsLeft: settings.learning.collectMinutes * 60,
        },
        size: pictureSize,
      }),
    );
  }

  async changeCamera(id: string, change: CameraChange): Promise<CameraStatus | undefined> {
    const camera = this.#cameras.get(id);
    if (!camera) return undefined;
    const settings = { ...camera.secretSettings, ...change } as CameraSettings;
    const source = keepSourceSecrets(settings.source, camera.secretSettings.source);
    const { alarmsPerDay } = settings.budget;
    return this.#set({
      ...camera,
      secretSettings: { ...settings, source },
      threshold: camera.threshold && thresholdFor(alarmsPerDay),
    });
  }

  async removeCamera(id: string): Promise<boolean> {
    this.#events = this.#events.filter(({ camera }) => camera !== id);
    const removed = this.#cameras.delete(id);
    if (removed) this.#tell({ name: 'camera removed', data: { id } });
    return removed;
  }

  async startCamera(id: string) {
    return this.#change(id, { state: 'watching', detail: 'Watches', since: Date.now() });
  }

  async stopCamera(id: string) {
    return this.#change(id, { state: 'stopped', detail: 'Stopped by a person', since: Date.now() });
  }

  async learnCamera(id: string) {
    return this.#change(id, {
      state: 'learning',
      detail: 'Collects normal footage',
      since: Date.now(),
      progress: { phase: 'collecting', share: 0, secondsLeft: 3600 },
    });
  }

  async testSource(source: CameraSettings['source']) {
    if ('url' in source && source.url.includes('offline'))
      throw new UserError('rtsp://offline: no answer within 10 s; is the address right?');
    const jpeg = this.#demo[0]!;
    return {
      ...pictureSize,
      fps: 25,
      codec: 'h264',
      picture: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    };
  }

  picture(id: string) {
    const camera = this.#cameras.get(id);
    if (!camera?.size || camera.state === 'offline') return undefined;
    const frame = Math.floor(Date.now() / 200);
    const pictures = this.#drawn.get(id) ?? this.#demo;
    return { time: frame * 200, jpeg: pictures[frame % pictures.length]! };
  }

  scores(id: string, from: number, to: number, points: number) {
    const camera = this.#cameras.get(id);
    if (!camera) return undefined;
    const step = Math.max(1000, Math.ceil((to - from) / points));
    const count = Math.max(0, Math.ceil((to - from) / step));
    const seed = id.length * 7;
    return {
      step,
      from,
      scores: Array.from({ length: count }, (_, i) => {
        const time = from + i * step;
        if (time > Date.now() || !camera.threshold) return null;
        // An hour without pictures on most days, as after a power cut.
        if (Math.floor(time / HOUR) % 23 === seed % 23) return null;
        return scoreAt(seed, Math.floor(time / step));
      }),
      threshold: camera.threshold?.threshold ?? null,
    };
  }

  previewBudget(id: string, alarmsPerDay: number) {
    if (!this.#cameras.get(id)?.threshold) return undefined;
    const threshold = thresholdFor(alarmsPerDay);
    const alarms = this.#events.filter(
      ({ camera, peak }) => camera === id && peak.score > threshold.threshold,
    );
    return {
      ...threshold,
      alarms: alarms
        .slice(0, 200)
        .map(({ id: event, peak }) => ({ time: peak.time, peak: peak.score, event })),
      totalAlarms: alarms.length,
    };
  }

  oddMinutes(id: string) {
    return this.#cameras.has(id) ? this.#odd.filter(({ camera }) => camera === id) : undefined;
  }

  judgeOddMinute(id: string, odd: string, verdict: Verdict) {
    const found = this.#odd.find((minute) => minute.id === odd && minute.camera === id);
    if (!found) return undefined;
    const judged = { ...found, verdict };
    this.#odd = this.#odd.map((minute) => (minute === found ? judged : minute));
    const oddMinutes = this.oddMinutes(id)!.filter((minute) => minute.verdict === 'open').length;
    this.#change(id, { oddMinutes });
    return judged;
  }

  oddMinutePicture(id: string, odd: string) {
    const index = this.#odd.findIndex((minute) => minute.id === odd && minute.camera === id);
    if (index < 0) return undefined;
    return { path: join(this.#folder, `${index % VARIANTS}.jpg`), type: 'image/jpeg' as const };
  }

  events(filter: EventFilter) {
    const wanted = this.#events.filter(
      (event) =>
        (!filter.camera || event.camera === filter.camera) &&
        (!filter.kind || event.kind === filter.kind) &&
        (!filter.verdict || event.verdict === filter.verdict) &&
        (!filter.cause || event.cause === filter.cause) &&
        (filter.from === undefined || (event.end ?? Date.now()) >= filter.from) &&
        (filter.to === undefined || event.start < filter.to),
    );
    const at = filter.cursor ? wanted.findIndex(({ id }) => id === filter.cursor) + 1 : 0;
    const events = wanted.slice(at, at + filter.limit);
    const more = at + filter.limit < wanted.length;
    return { events, next: more ? events.at(-1)!.id : null, total: wanted.length };
  }

  event(id: string) {
    return this.#events.find((event) => event.id === id);
  }

  judgeEvent(id: string, verdict: Verdict) {
    const event = this.event(id);
    return event && this.#setEvent({ ...event, verdict });
  }

  removeEvent(id: string) {
    const before = this.#events.length;
    this.#events = this.#events.filter((event) => event.id !== id);
    const removed = this.#events.length < before;
    if (removed) this.#tell({ name: 'event removed', data: { id } });
    return removed;
  }

  eventFile(id: string, kind: 'thumbnail' | 'heatmap' | 'clip') {
    const event = this.event(id);
    if (!event || !(kind === 'clip' ? event.clip : event.thumbnail)) return undefined;
    const variant = event.start % VARIANTS;
    const files = {
      thumbnail: { path: join(this.#folder, `${variant}.jpg`), type: 'image/jpeg' },
      heatmap: { path: join(this.#folder, `${variant}.png`), type: 'image/png' },
      clip: { path: join(this.#folder, 'clip.mp4'), type: 'video/mp4' },
    } as const;
    return files[kind];
  }

  async metrics() {
    return `# HELP m2s2l_cameras Cameras\n# TYPE m2s2l_cameras gauge\nm2s2l_cameras ${this.#cameras.size}\n`;
  }

  listen(listener: (message: LiveMessage) => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** The address as it was given, for tests of what is kept. */
  secretUrl(id: string): string | undefined {
    const source = this.#cameras.get(id)?.secretSettings.source;
    return source && 'url' in source ? source.url : undefined;
  }

  /** Tells all who listen, as if the service had. */
  tell(message: LiveMessage): void {
    this.#tell(message);
  }

  #tell(message: LiveMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  #set(camera: FakeCamera): CameraStatus {
    this.#cameras.set(camera.id, camera);
    const data = shown(camera);
    this.#tell({ name: 'camera', data });
    return data;
  }

  #change(id: string, change: Partial<CameraStatus>): CameraStatus | undefined {
    const camera = this.#cameras.get(id);
    return camera && this.#set({ ...camera, ...change });
  }

  #setEvent(event: AnomalyEvent): AnomalyEvent {
    const at = this.#events.findIndex(({ id }) => id === event.id);
    if (at < 0) this.#events.unshift(event);
    else this.#events[at] = event;
    this.#tell({ name: 'event', data: event });
    return event;
  }

  async #addCameras(): Promise<void> {
    const drawn: [string, string, number][] = [
      ['yard', 'Back yard', 130],
      ['car-park', 'Car park', 210],
      ['gate', 'North gate', 40],
    ];
    for (const [id, name, hue] of drawn) this.#drawn.set(id, await drawings(name, hue));
    for (const camera of fakeCameras()) this.#cameras.set(camera.id, camera);
  }

  #addEvents(count: number): void {
    const now = Date.now();
    const cameras = ['entrance', 'yard', 'gate'].map((id) => this.#cameras.get(id)!);
    for (let i = 0; i < count; i++) {
      const start = Math.round(now - 20 * MINUTE - (i * 14 * DAY) / Math.max(count, 1));
      this.#events.push(fakeEvent(i, cameras[Math.floor(noise(i) * 3)]!, start));
    }
  }

  #addOddMinutes(): void {
    for (let i = 0; i < 4; i++)
      this.#odd.push({
        id: `odd-${i}`,
        camera: i < 3 ? 'entrance' : 'yard',
        time: this.started - DAY - i * 37 * MINUTE,
        score: 6 + 3 * noise(i),
        verdict: 'open',
      });
  }

  #live(): void {
    let frame = 0;
    this.#timers.push(
      setInterval(() => {
        frame += 1;
        for (const [n, camera] of [...this.#cameras.values()].entries())
          if (camera.state === 'watching') this.#liveScore(camera, n, frame);
        if (frame % 10 === 0) this.#liveStatus(frame);
        if (frame % 300 === 75) this.#liveEvent(frame);
      }, 200),
    );
  }

  #liveScore(camera: FakeCamera, n: number, frame: number): void {
    const { threshold } = camera.threshold!;
    const score = liveScore(n, frame);
    const alarm = score > threshold;
    const strength = Math.min(1, score / (2 * threshold));
    const values = spot(GRID, 0.5 + 0.3 * Math.sin(frame / 40 + n), 0.6, strength);
    this.#tell({
      name: 'score',
      data: {
        camera: camera.id,
        time: Date.now(),
        score,
        appearance: score * 0.6,
        motion: score * 0.9,
        threshold,
        alarm,
        heatmap: { width: GRID, height: GRID, data: Buffer.from(values).toString('base64') },
      },
    });
    this.#cameras.set(camera.id, { ...this.#cameras.get(camera.id)!, lastScore: score });
  }

  #liveStatus(frame: number): void {
    for (const { id, state, counts, progress } of this.#cameras.values()) {
      if (state !== 'watching' && state !== 'learning') continue;
      const frames = counts.frames + Math.round(counts.framesPerSecond * 2);
      const share = progress ? Math.min(1, progress.share + 0.002) : 0;
      const secondsLeft = Math.round((1 - share) * 1200);
      this.#change(id, {
        counts: { ...counts, frames, scored: state === 'watching' ? frames - counts.dropped : 0 },
        ...(progress && { progress: { ...progress, share, secondsLeft } }),
      });
    }
    if (frame % 50 === 0) this.#tell({ name: 'notices', data: this.status().notices });
  }

  /** An event that begins, and ends some seconds later, when its files are there. */
  #liveEvent(frame: number): void {
    const camera = this.#cameras.get('entrance');
    if (!camera) return;
    const event = fakeEvent(1_000_000 + frame, camera, Date.now());
    this.#setEvent({ ...event, end: null, clip: false, clipMissing: null, verdict: 'open' });
    const end = setTimeout(() => this.#setEvent({ ...event, end: Date.now() }), 8000);
    this.#timers.push(end);
  }
}

const shown = ({ secretSettings, ...camera }: FakeCamera): CameraStatus => ({
  ...camera,
  settings: maskCameraSettings(secretSettings),
});

const drawings = (name: string, hue: number): Promise<Buffer[]> =>
  Promise.all(Array.from({ length: 20 }, (_, i) => drawnPicture(name, hue, i / 20)));

const scoreAt = (seed: number, n: number): number =>
  1 + 0.8 * noise(seed + n) + (noise(seed * 3 + n * 1.7) > 0.985 ? 3 * noise(n) : 0);

/** Quiet for most of a minute, then above the threshold for some seconds. */
function liveScore(n: number, frame: number): number {
  const phase = (frame + n * 120) % 300;
  const bump = phase > 75 && phase < 120 ? 3.2 * Math.sin(((phase - 75) / 45) * Math.PI) : 0;
  return 1 + 0.5 * noise(frame + n * 1000) + bump;
}

function thresholdFor(alarmsPerDay: number): ThresholdInForce {
  return {
    threshold: 4.2 - 0.45 * Math.log2(alarmsPerDay + 0.5),
    alarmsPerDay,
    hours: 62,
    expectedAlarmsPerDay: alarmsPerDay * 0.8,
    confidence: 0.95,
    hoursNeeded: Math.round((3 * 24) / alarmsPerDay),
    time: Date.now() - 20 * MINUTE,
  };
}

function fakeCamera(
  id: string,
  settings: CameraSettings,
  state: CameraStatus['state'],
  detail: string,
  more: Partial<CameraStatus> = {},
): FakeCamera {
  const running = state === 'watching' || state === 'learning';
  const frames = running ? 48_211 : 0;
  return {
    id,
    settings,
    secretSettings: settings,
    fromFile: false,
    state,
    since: Date.now() - 3 * HOUR,
    detail,
    scene: null,
    progress: null,
    threshold: null,
    size: null,
    counts: {
      frames,
      dropped: running ? 37 : 0,
      scored: state === 'watching' ? frames - 37 : 0,
      reconnects: running ? 2 : 0,
      latencyMs: state === 'watching' ? 84 : null,
      framesPerSecond: running ? settings.fps : 0,
    },
    lastScore: null,
    oddMinutes: 0,
    ...more,
  };
}

function fakeCameras(): FakeCamera[] {
  const settings = (name: string, source: CameraSettingsInput['source']) =>
    cameraSettings.parse({ name, source });
  const rtsp = (host: string) => ({
    kind: 'rtsp' as const,
    url: `rtsp://operator:hunter2@${host}/stream1`,
  });
  const seen = { threshold: thresholdFor(4), size: pictureSize };
  return [
    fakeCamera(
      'entrance',
      settings('Entrance', { kind: 'file', path: 'demo/upcam/testing/videos/00.mp4' }),
      'watching',
      'Watches',
      { ...seen, fromFile: true, oddMinutes: 3 },
    ),
    fakeCamera('yard', settings('Back yard', rtsp('10.0.0.12')), 'watching', 'Watches', {
      ...seen,
      oddMinutes: 1,
    }),
    fakeCamera('car-park', settings('Car park', rtsp('10.0.0.13')), 'learning', 'Trains', {
      progress: { phase: 'training', share: 0.31, secondsLeft: 828 },
      size: pictureSize,
    }),
    fakeCamera(
      'warehouse',
      settings('Warehouse', { kind: 'http', url: 'http://operator:hunter2@10.0.0.14/video.mjpg' }),
      'offline',
      'No answer from 10.0.0.14 for 25 min; tries again in 40 s',
      seen,
    ),
    fakeCamera(
      'gate',
      settings('North gate', rtsp('10.0.0.15')),
      'scene changed',
      'The camera was moved; nothing can be judged until it is back, or learns again',
      { ...seen, scene: 'moved' },
    ),
    fakeCamera(
      'shed',
      settings('Tool shed', { kind: 'usb', device: '/dev/video0' }),
      'stopped',
      'Stopped by a person',
      { threshold: thresholdFor(1) },
    ),
  ];
}

function fakeEvent(n: number, camera: FakeCamera, start: number): AnomalyEvent {
  const near = noise(n * 3) < 0.4;
  const score = near ? 2.6 + 0.5 * noise(n * 5) : 3.2 + 4 * noise(n * 5) ** 3;
  const motion = noise(n * 7) < 0.6;
  const judged = noise(n * 11);
  const length = Math.round(2000 + 28_000 * noise(n * 13) ** 2);
  const clip = !near && noise(n * 17) > 0.05;
  return {
    id: `event-${n}`,
    camera: camera.id,
    cameraName: camera.settings.name,
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
    verdict: judged < 0.15 ? 'real' : judged < 0.3 ? 'normal' : 'open',
    thumbnail: true,
    clip,
    clipMissing: near || clip ? null : 'the disk was full',
  };
}
