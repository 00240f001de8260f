import type { Logger } from 'pino';
import { UnknownCase, UserError } from '../errors.ts';
import type { Links } from './access/links.ts';
import type { LiveMessages } from './announcer/live-messages.ts';
import { Announcing } from './announcing.ts';
import type { ServedCameras, ServedParts } from './api/served-parts.ts';
import type { Bucket } from './archive/bucket.ts';
import { serviceFiles } from './archive/service-files.ts';
import { Cameras } from './camera/cameras.ts';
import { EventArchive } from './camera/event-archive.ts';
import { EventLog } from './camera/event-log.ts';
import { Inbox } from './camera/inbox.ts';
import { ModelChecks } from './camera/model-checks.ts';
import { Rehearsals } from './camera/rehearsals.ts';
import { endUnfinished } from './camera/unfinished.ts';
import { requireNoCameras } from './config/configuration.ts';
import type { SettingsInForce } from './config/settings-in-force.ts';
import { type ConfigurationFile, configurationFile } from './contract/settings.ts';
import { DataFolder } from './files/data-folder.ts';
import type { ServiceFiles } from './files/stored-files.ts';
import { Membership } from './fleet/membership.ts';
import {
  type FleetOptions,
  type FleetStore,
  type OwnStore,
  openedStore,
} from './fleet/opened-store.ts';
import { RemoteCameras } from './fleet/remote-cameras.ts';
import { Health } from './health/health.ts';
import { Metrics } from './metrics/metrics.ts';
import type { ActionLinks } from './notify/action-links.ts';
import { vapidKeys } from './notify/channels/push.ts';
import type { Notifier } from './notify/notifier.ts';
import { CannotStore, type DecoderFactory, type Inference, type Learner } from './parts.ts';
import { ownProcesses, type ServiceProcesses } from './processes.ts';
import { FootageRehearser } from './rehearsal/footage-rehearser.ts';
import type { Schedule } from './schedule/schedule.ts';
import type { SqlStore } from './store/sql-store.ts';

/** Milliseconds between two looks at what waits. */
const TICK = 1000;

export interface ServiceOptions {
  /** The data folder; one that all share where there is a fleet. */
  readonly data: string;
  /** Without it the service runs alone. */
  readonly fleet?: FleetOptions | undefined;
  /** Of a fleet without a shared folder: where its files are; the data folder is a cache then. */
  readonly bucket?: Bucket | undefined;
  /** What it sets cannot be changed otherwise. */
  readonly configuration?: ConfigurationFile;
  readonly logger: Logger;
  /** Milliseconds without pictures after which a camera is offline; default 10,000. */
  readonly grace?: number;
}

/** The live service: wires its parts, starts them and ends them. */
export class Service implements ServedParts {
  readonly store: SqlStore;
  readonly cameras: ServedCameras;
  readonly sources: DecoderFactory;
  readonly events: EventArchive;
  readonly inbox: Inbox;
  readonly rehearsals: Rehearsals;
  readonly links: Links;
  readonly actions: ActionLinks;
  readonly notifier: Notifier;
  readonly settings: SettingsInForce;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly live: LiveMessages;
  readonly schedule: Schedule;
  readonly publicAddress: () => string | undefined;
  /** Undefined where the service runs alone. */
  readonly membership: Membership | undefined;
  /** Where cameras live here. */
  readonly #lives: Cameras | undefined;
  readonly #remote: RemoteCameras | undefined;
  readonly #options: ServiceOptions;
  readonly #configuration: ConfigurationFile;
  readonly #announcing: Announcing;
  readonly #eventLog: EventLog;
  readonly #inference: Inference;
  readonly #learner: Learner;
  readonly #files: ServiceFiles;
  #timer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    options: ServiceOptions,
    processes: ServiceProcesses,
    opened: FleetStore | OwnStore,
  ) {
    const { data, logger, grace = 10_000, configuration = configurationFile.parse({}) } = options;
    const { store, member } = opened;
    const folder = new DataFolder(data, member);
    this.#options = options;
    this.fleetSecret = member === undefined ? undefined : opened.secret;
    this.store = store;
    this.sources = processes.decoders;
    this.#configuration = configuration;
    const announcing = new Announcing({
      store,
      configuration,
      logger,
      cameras: () => this.cameras,
      judge: (id, verdict) => this.events.judge(id, verdict),
      thumbnail: ({ id }) => this.events.thumbnail(id),
      onProfile: () => this.#lives?.profileChanged(),
    });
    const { announcer, schedule } = announcing;
    this.#announcing = announcing;
    this.settings = announcing.settings;
    this.schedule = schedule;
    this.links = announcing.links;
    this.actions = announcing.actions;
    this.notifier = announcing.notifier;
    this.live = announcing.live;
    this.publicAddress = announcing.publicAddress;
    const { files, learner } = serviceFiles(
      {
        ...{ bucket: options.bucket, kind: options.fleet?.kind, logger },
        ...{ folder: folder.path, rows: store, learner: processes.learner },
        limits: () => this.settings.current().storage,
      },
      {
        onEvent: (event) => announcer.event(event),
        onRemoved: ({ id }) => announcer.eventRemoved(id),
        onNotices: () => announcer.notices.set('files', ...this.#files.notices),
      },
    );
    [this.#files, this.#learner] = [files, learner];
    this.#eventLog = new EventLog(store, {
      cameraName: (id) => this.cameras.name(id),
      messages: (event, moment) => announcer.messagesOf(event, moment),
      onStored: (event, added) => {
        if (added) this.metrics.countEvent(event);
        announcer.event(event);
      },
    });
    this.events = new EventArchive(store, this.#files, {
      onVerdict: (event) => this.#lives?.judged(event),
      onChanged: (event) => announcer.event(event),
      messages: (event) => announcer.messagesOf(event, 'end'),
      onRemoved: (event) => {
        if (event.end === null) this.#lives?.dismissed(event);
        announcer.eventRemoved(event.id);
      },
    });
    this.inbox = new Inbox(store, {
      margin: (camera) => this.cameras.likeMargin(camera),
      judge: (id, verdict) => this.events.judge(id, verdict),
      onChanged: (event) => announcer.event(event),
    });
    this.#inference = processes.inference({
      onScore: (camera, score) => this.#lives?.scored(camera, score),
      onModelFailed: (camera, reason) => this.#lives?.modelFailed(camera, reason),
      onLost: (reason, givenUp) => {
        logger.warn({ reason, givenUp }, 'inference lost');
        this.health.scoring = false;
        const line = `Scoring ${givenUp ? 'pauses' : 'restarts'}: ${reason}`;
        announcer.notices.set('scoring', line);
        this.#lives?.scoringLost(reason, givenUp);
      },
      onReady: () => {
        this.health.scoring = true;
        announcer.notices.set('scoring');
        this.#lives?.scoringReady();
      },
    });
    const models = new ModelChecks(learner);
    const onChange = (camera: string) => announcer.cameraChanged(camera);
    const onRemoved = (camera: { readonly id: string; readonly name: string }) => {
      this.schedule.snoozes.forget(camera.id);
      this.rehearsals.forget(camera.id);
      announcer.cameraRemoved(camera);
    };
    const shared = { store, models, folder, files: this.#files, schedule, onChange, onRemoved };
    if (options.fleet?.kind === 'server')
      this.cameras = this.#remote = new RemoteCameras({
        ...shared,
        workers: () => this.membership?.anyWorkers ?? false,
      });
    else
      this.cameras = this.#lives = new Cameras({
        ...shared,
        ...{ logger, grace },
        events: this.#eventLog,
        decoders: processes.decoders,
        inference: this.#inference,
        learner,
        onScore: (score) => announcer.score(score),
      });
    if (options.fleet && opened.member !== undefined)
      this.membership = new Membership(
        {
          ...{ opened, announcer, files, logger },
          fleet: options.fleet,
          cameras: (this.#lives ?? this.#remote)!,
        },
        {
          onSettings: () => announcing.reread(),
          onOutbox: () => announcing.sending.wake(),
          onAnnouncing: (announces) => this.#announce(announces),
        },
      );
    this.rehearsals = new Rehearsals(
      { store, folder, schedule: this.schedule, logger, files: this.#files },
      processes.rehearser ?? new FootageRehearser(),
    );
    this.health = new Health({
      notices: () => announcer.notices.lines,
      storage: () => this.#files.storage,
      outbox: () => store.outboxState(),
      mqtt: () => announcing.mqtt.state,
    });
    this.metrics = new Metrics({
      cameras: () => this.cameras.all(),
      status: () => this.health.status(),
      children: () => this.#children(),
      mqttDropped: () => announcing.mqtt.dropped,
      fleet: () => this.fleet?.members(),
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
    const { data, fleet, bucket } = options;
    const service = new Service(options, processes, openedStore(data, fleet, !bucket));
    try {
      await service.#start();
      return service;
    } catch (error) {
      await service.close();
      throw error instanceof CannotStore ? new UserError(`${data}: ${error.message}`) : error;
    }
  }

  async #start(): Promise<void> {
    const { fleet } = this.#options;
    switch (fleet?.kind) {
      case undefined:
        this.settings.start();
        await Promise.all([this.#files.start(), this.rehearsals.start()]);
        endUnfinished(this.store, this.#eventLog);
        this.schedule.start();
        this.#inference.start();
        this.#announcing.sending.prepare();
        this.#lives!.start(this.#configuration.cameras);
        vapidKeys(this.store);
        this.#announcing.startSending();
        break;
      case 'worker':
        await Promise.all([this.#files.start(), this.rehearsals.start()]);
        this.schedule.start();
        this.#inference.start();
        break;
      case 'server':
        requireNoCameras(this.#configuration);
        this.settings.start();
        this.schedule.start();
        this.#remote!.reread();
        vapidKeys(this.store);
        this.health.scoring = true;
        break;
      default:
        throw new UnknownCase(fleet!.kind satisfies never);
    }
    this.store.surviveDamage();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** What a server shows of the fleet. */
  get fleet(): Membership | undefined {
    return this.#remote && this.membership;
  }

  /** What a worker's servers say who they are by; undefined where the service runs alone. */
  readonly fleetSecret: string | undefined;

  /** Of several servers one sends, and keeps the files within their limits. */
  async #announce(announces: boolean): Promise<void> {
    if (!announces) {
      await Promise.all([this.#announcing.sending.stop(), this.#files.stop()]);
      return;
    }
    await this.#files.start();
    this.#announcing.startSending();
  }

  /** Ends everything that runs; every process is gone when this settles. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    // An order to a camera may wait for the check of a model.
    await Promise.all([this.#learner.stop(), this.rehearsals.close(), this.membership?.leave()]);
    await this.#lives?.close();
    const { sending, announcer } = this.#announcing;
    await Promise.all([this.#inference.stop(), sending.stop(), this.#files.stop()]);
    announcer.stop();
    this.#options.bucket?.close();
    this.store.close();
  }

  #tick(): void {
    const { announcer, mqtt } = this.#announcing;
    this.#eventLog.retry();
    this.schedule.tick();
    this.#lives?.tick();
    this.membership?.tick();
    announcer.tick();
    const { damage } = this.store;
    const { notices } = announcer;
    const full = this.membership ? 'The database stores nothing' : 'The disk is full';
    const cause = damage === undefined ? full : 'service.db is damaged';
    notices.set('events', ...this.#eventLog.notices(cause));
    const { trouble } = mqtt;
    notices.set('mqtt', ...(trouble === null ? [] : [`MQTT is not connected: ${trouble}`]));
    if (damage !== undefined)
      notices.set(
        'store',
        `${damage}: cameras are still scored, but nothing is stored; stop the service, put an undamaged copy in its place and start it again`,
      );
  }

  #children(): { readonly name: string; readonly residentBytes: number }[] {
    return [
      { name: 'inference', residentBytes: this.#inference.residentBytes },
      { name: 'learner', residentBytes: this.#learner.residentBytes },
      { name: 'rehearsal', residentBytes: this.rehearsals.residentBytes },
      ...(this.#lives?.decoders ?? []).map(({ id, residentBytes }) => ({
        name: `decoder of ${id}`,
        residentBytes,
      })),
    ];
  }
}
