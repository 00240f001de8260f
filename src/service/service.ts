import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { UserError } from '../errors.ts';
import { version } from '../version.ts';
import { Cameras } from './camera/cameras.ts';
import { EventLog } from './camera/event-log.ts';
import { ModelChecks } from './camera/model-checks.ts';
import { endUnfinished } from './camera/unfinished.ts';
import {
  type CameraChange,
  type LivePicture,
  type ServiceCommands,
  SetInFile,
  type StoredFile,
} from './commands.ts';
import { pageAddress } from './config/server-settings.ts';
import type {
  BudgetPreview,
  CameraSettings,
  CameraSource,
  CameraStatus,
  LearningSettings,
  OddMinute,
  ScoreSeries,
  SourceTest,
} from './contract/camera.ts';
import type { AnomalyEvent, EventFilter, EventPage, Verdict } from './contract/event.ts';
import type { LiveMessage } from './contract/live.ts';
import {
  type ConfigurationFile,
  configurationFile,
  type ServiceSettings,
  type ServiceStatus,
  serviceSettings,
} from './contract/settings.ts';
import { DataFolder } from './data-folder.ts';
import { Decoders } from './decoder/decoders.ts';
import { StoredFiles } from './files/stored-files.ts';
import { ifRoom } from './if-room.ts';
import { SharedInference } from './inference/shared-inference.ts';
import { InferenceRestarts } from './inference-restarts.ts';
import { FootageLearner } from './learning/footage-learner.ts';
import { LiveMessages } from './live-messages.ts';
import { Metrics } from './metrics.ts';
import { MqttPublisher } from './mqtt/mqtt-publisher.ts';
import { Notices } from './notices.ts';
import { webhookMessages } from './outbox/message.ts';
import { ToldStates } from './outbox/told-states.ts';
import { WebhookSender } from './outbox/webhook-sender.ts';
import {
  CannotStore,
  type DecoderFactory,
  type Inference,
  type InferenceListener,
  type Learner,
} from './parts.ts';
import { openStore, type SqliteStore } from './store/sqlite-store.ts';

const settingKeys = Object.keys(serviceSettings.shape) as (keyof ServiceSettings)[];

const mediaTypes = {
  thumbnail: 'image/jpeg',
  heatmap: 'image/png',
  clip: 'video/mp4',
} as const;

/** Milliseconds between two looks at what waits, and between a camera's change and its telling. */
const TICK = 1000;
const GATHER = 250;

/** Seconds between two tellings of a camera whose counts alone changed. */
const COUNTS_EVERY = 5;

export interface ServiceOptions {
  /** The data folder. */
  readonly data: string;
  /** What of it is set cannot be changed otherwise. */
  readonly configuration?: ConfigurationFile;
  readonly logger: Logger;
  /** Milliseconds without pictures after which a camera is offline; default 10,000. */
  readonly grace?: number;
}

/** The parts whose work is done in processes of their own. */
export interface ServiceProcesses {
  readonly decoders: DecoderFactory;
  readonly inference: (listener: InferenceListener) => Inference;
  readonly learner: Learner;
}

const ownProcesses = (): ServiceProcesses => ({
  decoders: new Decoders(),
  inference: (listener) => new SharedInference(listener),
  learner: new FootageLearner(),
});

/** The live service: wires its parts, starts and ends them. */
export class Service implements ServiceCommands {
  readonly store: SqliteStore;
  readonly #configuration: ConfigurationFile;
  readonly #logger: Logger;
  readonly #folder: DataFolder;
  readonly #events: EventLog;
  readonly #cameras: Cameras;
  readonly #processes: { readonly decoders: DecoderFactory; readonly learner: Learner };
  readonly #inference: Inference;
  readonly #restarts: InferenceRestarts;
  readonly #webhooks: WebhookSender;
  #mqtt: MqttPublisher | undefined;
  readonly #metrics: Metrics;
  readonly #files: StoredFiles;
  readonly #live: LiveMessages;
  readonly #notices: Notices;
  readonly #started = Date.now();
  readonly #changed = new Set<string>();
  readonly #told: ToldStates;
  #gathering: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seconds = 0;
  #closed: Promise<void> | undefined;
  #scoring = false;
  #mqttDropped = 0;
  #mqttTurn: Promise<void> = Promise.resolve();

  private constructor(options: ServiceOptions, processes: ServiceProcesses, store: SqliteStore) {
    const { data, logger, grace = 10_000 } = options;
    this.store = store;
    this.#told = new ToldStates(store);
    this.#configuration = options.configuration ?? configurationFile.parse({});
    this.#logger = logger;
    this.#folder = new DataFolder(data);
    this.#processes = processes;
    this.#live = new LiveMessages((error) => logger.error({ err: error }, 'a listener failed'));
    this.#notices = new Notices((lines) => {
      if (lines.length > 0) logger.warn({ notices: lines }, 'notices');
      this.#live.tell({ name: 'notices', data: [...lines] });
    });
    this.#events = new EventLog(store, {
      cameraName: (id) => this.#cameras.name(id),
      messages: (event) =>
        event.kind === 'alarm'
          ? webhookMessages(this.settings().webhooks, { kind: 'alarm', event }, Date.now())
          : [],
      onStored: (event, added) => {
        if (added) this.#metrics.countEvent(event);
        this.#tellEvent(event);
      },
    });
    this.#restarts = new InferenceRestarts(() => this.#inference);
    this.#inference = processes.inference(
      this.#restarts.around({
        onScore: (camera, score) => this.#cameras.scored(camera, score),
        onLost: (reason, givenUp) => this.#scoringLost(reason, givenUp),
        onReady: () => this.#scoringReady(),
        onModelFailed: (camera, reason) => this.#cameras.modelFailed(camera, reason),
      }),
    );
    this.#metrics = new Metrics({
      cameras: () => this.cameras(),
      status: () => this.status(),
      children: () => this.#children(),
      mqttDropped: () => this.#mqttDropped + (this.#mqtt?.dropped ?? 0),
    });
    this.#webhooks = new WebhookSender(store, {
      onGivenUp: (reason) => logger.warn({ reason }, 'webhook given up'),
    });
    this.#files = new StoredFiles(
      { folder: this.#folder.path, rows: store, limits: () => this.settings().storage },
      {
        onEvent: (event) => this.#tellEvent(event),
        onRemoved: ({ id }) => this.#live.tell({ name: 'event removed', data: { id } }),
        onNotices: () => this.#notices.set('files', ...this.#files.notices),
      },
    );
    this.#cameras = new Cameras({
      store,
      events: this.#events,
      decoders: processes.decoders,
      inference: this.#inference,
      learner: processes.learner,
      models: new ModelChecks(processes.learner),
      folder: this.#folder,
      logger,
      grace,
      files: this.#files,
      onChange: (camera) => this.#cameraChanged(camera),
      onScore: (score) => {
        this.#live.tell({ name: 'score', data: score });
        this.#mqtt?.score(score);
      },
    });
  }

  /**
   * Opens the data folder and takes up what it holds.
   * @throws UserError where the folder cannot be used, or another process serves it
   */
  static async open(
    options: ServiceOptions,
    processes: ServiceProcesses = ownProcesses(),
  ): Promise<Service> {
    const service = new Service(options, processes, openStore(options.data));
    try {
      await service.#start();
      return service;
    } catch (error) {
      await service.close();
      throw error instanceof CannotStore
        ? new UserError(`${options.data}: ${error.message}`)
        : error;
    }
  }

  async #start(): Promise<void> {
    const { server: _, cameras, ...set } = this.#configuration;
    ifRoom(() => this.store.saveSettings({ ...this.store.settings(), ...set }));
    await this.#files.start();
    endUnfinished(this.store, this.#events);
    this.#inference.start();
    this.#cameras.start(cameras);
    this.#webhooks.start();
    this.#startMqtt();
    this.store.surviveDamage();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** Ends everything that runs; every process is gone when this settles. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#restarts.stop();
    // An order to a camera may wait for the check of a model.
    await Promise.all([this.#processes.learner.stop(), this.#cameras.close()]);
    await Promise.all([
      this.#inference.stop(),
      this.#webhooks.stop(),
      // It may be on its way to another broker.
      this.#mqttTurn.then(() => this.#mqtt?.stop()),
      this.#files.stop(),
    ]);
    clearTimeout(this.#gathering);
    this.store.close();
  }

  status(): ServiceStatus {
    return {
      version,
      started: this.#started,
      notices: [...this.#notices.lines],
      storage: this.#files.storage,
      outbox: this.store.outboxState(),
      mqtt: this.#mqtt?.state ?? 'off',
    };
  }

  ready(): { readonly ready: boolean; readonly reason: string } {
    return this.#scoring
      ? { ready: true, reason: 'it watches' }
      : { ready: false, reason: 'scoring starts' };
  }

  settings(): ServiceSettings {
    return this.store.settings();
  }

  /** @throws SetInFile */
  setSettings(settings: ServiceSettings): ServiceSettings {
    const before = this.settings();
    for (const key of this.settingsFromFile())
      if (JSON.stringify(settings[key]) !== JSON.stringify(before[key]))
        throw new SetInFile(`${key} is set in the configuration file; change it there`);
    this.store.saveSettings(settings);
    if (JSON.stringify(settings.mqtt) !== JSON.stringify(before.mqtt))
      this.#mqttTurn = this.#mqttTurn.then(() => this.#restartMqtt());
    return this.settings();
  }

  settingsFromFile(): readonly (keyof ServiceSettings)[] {
    return settingKeys.filter((key) => this.#configuration[key] !== undefined);
  }

  cameras(): readonly CameraStatus[] {
    return this.#cameras.all();
  }

  camera(id: string): CameraStatus | undefined {
    return this.#cameras.status(id);
  }

  addCamera(settings: CameraSettings): Promise<CameraStatus> {
    return this.#cameras.add(settings);
  }

  changeCamera(id: string, change: CameraChange): Promise<CameraStatus | undefined> {
    return this.#cameras.change(id, change);
  }

  async removeCamera(id: string): Promise<boolean> {
    const camera = { id, name: this.#cameras.name(id) };
    const removed = await this.#cameras.remove(id);
    if (!removed) return false;
    this.#told.forget(id);
    const { webhooks } = this.settings();
    const messages = webhookMessages(webhooks, { kind: 'camera removed', camera }, Date.now());
    ifRoom(() => this.store.addMessages(messages));
    this.#webhooks.wake();
    this.#live.tell({ name: 'camera removed', data: { id } });
    this.#mqtt?.removeCamera(id);
    return true;
  }

  startCamera(id: string): Promise<CameraStatus | undefined> {
    return this.#cameras.resume(id);
  }

  stopCamera(id: string): Promise<CameraStatus | undefined> {
    return this.#cameras.stop(id);
  }

  learnCamera(id: string, learning: LearningSettings): Promise<CameraStatus | undefined> {
    return this.#cameras.learn(id, learning);
  }

  testSource(source: CameraSource): Promise<SourceTest> {
    return this.#processes.decoders.test(source);
  }

  picture(id: string): LivePicture | undefined {
    return this.#cameras.picture(id);
  }

  scores(id: string, from: number, to: number, points: number): ScoreSeries | undefined {
    return this.#cameras.scores(id, from, to, points);
  }

  previewBudget(id: string, alarmsPerDay: number): BudgetPreview | undefined {
    return this.#cameras.previewBudget(id, alarmsPerDay);
  }

  oddMinutes(id: string): readonly OddMinute[] | undefined {
    return this.#cameras.oddMinutes(id);
  }

  judgeOddMinute(id: string, odd: string, verdict: Verdict): OddMinute | undefined {
    return this.#cameras.judgeOddMinute(id, odd, verdict);
  }

  oddMinutePicture(id: string, odd: string): StoredFile | undefined {
    return this.#cameras.oddMinutePicture(id, odd);
  }

  events(filter: EventFilter): EventPage {
    return this.store.events(filter);
  }

  event(id: string): AnomalyEvent | undefined {
    return this.store.event(id);
  }

  judgeEvent(id: string, verdict: Verdict): AnomalyEvent | undefined {
    const event = this.store.updateEvent(id, { verdict });
    if (!event) return undefined;
    this.#cameras.judged(event.camera);
    this.#tellEvent(event);
    return event;
  }

  removeEvent(id: string): boolean {
    const removed = this.store.removeEvent(id);
    if (!removed) return false;
    this.#files.removeEvent(id);
    this.#live.tell({ name: 'event removed', data: { id } });
    return true;
  }

  eventFile(id: string, kind: 'thumbnail' | 'heatmap' | 'clip'): StoredFile | undefined {
    const event = this.store.event(id);
    if (!event || !(kind === 'clip' ? event.clip : event.thumbnail)) return undefined;
    return { path: this.#files.eventFile(id, kind), type: mediaTypes[kind] };
  }

  metrics(): Promise<string> {
    return this.#metrics.text();
  }

  listen(listener: (message: LiveMessage) => void): () => void {
    return this.#live.listen(listener);
  }

  #tick(): void {
    this.#seconds += 1;
    this.#events.retry();
    for (const life of this.#cameras.lives) life.tick();
    if (this.#seconds % COUNTS_EVERY === 0)
      for (const { id } of this.#cameras.lives) this.#cameraChanged(id);
    this.#tellFull();
    const trouble = this.#mqtt?.state === 'disconnected' ? this.#mqtt.lastError : null;
    this.#notices.set('mqtt', ...(trouble === null ? [] : [`MQTT is not connected: ${trouble}`]));
    const { damage } = this.store;
    if (damage !== undefined)
      this.#notices.set(
        'store',
        `${damage}: cameras are still scored, but nothing is stored; stop the service, put an undamaged copy in its place and start it again`,
      );
  }

  #tellEvent(event: AnomalyEvent): void {
    this.#live.tell({ name: 'event', data: event });
    if (event.kind === 'alarm') {
      this.#mqtt?.event(event);
      if (event.thumbnail) void this.#tellPicture(event);
    }
    this.#webhooks.wake();
  }

  async #tellPicture(event: AnomalyEvent): Promise<void> {
    const path = this.#files.eventFile(event.id, 'thumbnail');
    const jpeg = await readFile(path).catch(() => undefined);
    if (jpeg) this.#mqtt?.picture(event, jpeg);
  }

  /** What changes at once is told at once: a camera changes in several steps. */
  #cameraChanged(camera: string): void {
    this.#changed.add(camera);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const id of this.#changed) this.#tellCamera(id);
      this.#changed.clear();
    }, GATHER);
  }

  #tellCamera(id: string): void {
    const status = this.#cameras.status(id);
    if (!status) return;
    this.#live.tell({ name: 'camera', data: status });
    this.#mqtt?.camera(status);
    this.#mqtt?.alarm(id, this.#cameras.alarm(id));
    const { webhooks } = this.settings();
    const message = { kind: 'camera', camera: status } as const;
    if (this.#told.tell(status, () => webhookMessages(webhooks, message, Date.now())))
      this.#webhooks.wake();
  }

  #scoringLost(reason: string, givenUp: boolean): void {
    this.#scoring = false;
    this.#logger.warn({ reason, givenUp }, 'inference lost');
    this.#notices.set('scoring', `Scoring ${givenUp ? 'pauses' : 'restarts'}: ${reason}`);
    for (const life of this.#cameras.lives) life.scoringLost(reason, givenUp);
  }

  #scoringReady(): void {
    this.#scoring = true;
    this.#notices.set('scoring');
    for (const life of this.#cameras.lives) life.scoringReady();
  }

  #startMqtt(): void {
    const { mqtt } = this.settings();
    if (!mqtt) return;
    const page = pageAddress(this.#configuration.server);
    this.#mqtt = new MqttPublisher(mqtt, { page });
    this.#mqtt.start();
    for (const { id } of this.#cameras.lives) this.#cameraChanged(id);
  }

  async #restartMqtt(): Promise<void> {
    const before = this.#mqtt;
    this.#mqtt = undefined;
    this.#mqttDropped += before?.dropped ?? 0;
    await before?.stop(this.settings().mqtt);
    this.#startMqtt();
  }

  #children(): { readonly name: string; readonly residentBytes: number }[] {
    return [
      { name: 'inference', residentBytes: this.#inference.residentBytes },
      { name: 'learner', residentBytes: this.#processes.learner.residentBytes },
      ...this.#cameras.lives.map(({ id, residentBytes }) => ({
        name: `decoder of ${id}`,
        residentBytes,
      })),
    ];
  }

  #tellFull(): void {
    const { waiting, lost } = this.#events;
    const lines = [];
    const cause = this.store.damage === undefined ? 'The disk is full' : 'service.db is damaged';
    if (waiting > 0)
      lines.push(`${cause}: ${waiting} events wait in memory until they can be stored`);
    if (lost > 0) lines.push(`${lost} events were lost, since they could not be stored`);
    this.#notices.set('events', ...lines);
  }
}
