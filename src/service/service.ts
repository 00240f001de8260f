import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { UserError } from '../errors.ts';
import { Links } from './access/links.ts';
import { ownerSees } from './access/owner-sees.ts';
import { Announcer } from './announcer/announcer.ts';
import { LiveMessages } from './announcer/live-messages.ts';
import type { ServedParts } from './api/served-parts.ts';
import { Cameras } from './camera/cameras.ts';
import { EventArchive } from './camera/event-archive.ts';
import { EventLog } from './camera/event-log.ts';
import { Inbox } from './camera/inbox.ts';
import { ModelChecks } from './camera/model-checks.ts';
import { Rehearsals } from './camera/rehearsals.ts';
import { endUnfinished } from './camera/unfinished.ts';
import { pageAddress } from './config/server-settings.ts';
import { SettingsInForce } from './config/settings-in-force.ts';
import type { AnomalyEvent } from './contract/event.ts';
import { type ConfigurationFile, configurationFile } from './contract/settings.ts';
import { DataFolder } from './files/data-folder.ts';
import { StoredFiles } from './files/stored-files.ts';
import { Health } from './health/health.ts';
import { Metrics } from './metrics/metrics.ts';
import { ConfiguredMqtt } from './mqtt/configured-mqtt.ts';
import { ActionLinks } from './notify/action-links.ts';
import { vapidKeys } from './notify/channels/push.ts';
import { Notifier } from './notify/notifier.ts';
import { SentStates } from './outbox/sent-states.ts';
import { WebhookSender } from './outbox/webhook-sender.ts';
import { CannotStore, type DecoderFactory, type Inference, type Learner } from './parts.ts';
import { ownProcesses, type ServiceProcesses } from './processes.ts';
import { FootageRehearser } from './rehearsal/footage-rehearser.ts';
import { obey } from './schedule/obey.ts';
import { Profiles } from './schedule/profiles.ts';
import { Schedule } from './schedule/schedule.ts';
import { Snoozes } from './schedule/snoozes.ts';
import type { SqlStore } from './store/sql-store.ts';
import { openStore } from './store/sqlite/open-store.ts';

/** Milliseconds between two looks at what waits. */
const TICK = 1000;

export interface ServiceOptions {
  /** The data folder. */
  readonly data: string;
  /** What it sets cannot be changed otherwise. */
  readonly configuration?: ConfigurationFile;
  readonly logger: Logger;
  /** Milliseconds without pictures after which a camera is offline; default 10,000. */
  readonly grace?: number;
}

/** The live service: wires its parts, starts them and ends them. */
export class Service implements ServedParts {
  readonly store: SqlStore;
  readonly cameras: Cameras;
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
  readonly #configuration: ConfigurationFile;
  readonly #announcer: Announcer;
  readonly #eventLog: EventLog;
  readonly #inference: Inference;
  readonly #learner: Learner;
  readonly #webhooks: WebhookSender;
  readonly #mqtt: ConfiguredMqtt;
  readonly #files: StoredFiles;
  #timer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: ServiceOptions, processes: ServiceProcesses, store: SqlStore) {
    const { data, logger, grace = 10_000, configuration = configurationFile.parse({}) } = options;
    const folder = new DataFolder(data);
    this.store = store;
    this.sources = processes.decoders;
    this.#configuration = configuration;
    this.#learner = processes.learner;
    this.#mqtt = new ConfiguredMqtt(
      () => this.#announcer.all(),
      pageAddress(configuration.server),
      (command) => {
        obey(command, this.schedule, {
          isCamera: (id) => this.cameras.ids.includes(id),
          onRefused: (reason) => logger.warn({ reason }, 'MQTT command refused'),
        });
        // A list may show another choice than the one that holds.
        this.#announcer.profileChanged();
      },
    );
    this.settings = new SettingsInForce(store, configuration, (mqtt) => this.#mqtt.use(mqtt));
    this.schedule = new Schedule(
      new Profiles(
        store.schedule,
        () => this.settings.current().profiles,
        () => this.#profileChanged(),
      ),
      new Snoozes(store.schedule, (camera) => this.#announcer.cameraChanged(camera)),
    );
    this.links = new Links(store);
    this.actions = new ActionLinks({
      links: this.links,
      event: (id) => store.event(id),
      judge: (id, verdict) => this.events.judge(id, verdict),
      snooze: (camera, minutes) => this.schedule.snoozes.begin(camera, { for: minutes }),
    });
    this.notifier = new Notifier({
      settings: () => this.settings.current().notifications,
      address: this.publicAddress,
      names: (camera) => this.schedule.channels(camera),
      store,
      thumbnail: (event) => this.#thumbnail(event),
      links: this.links,
      actions: this.actions,
      sees: (owner, camera) => ownerSees(store, owner, camera),
    });
    this.#webhooks = new WebhookSender(
      store,
      { onGivenUp: (reason) => logger.warn({ reason }, 'message given up') },
      {},
      this.notifier,
    );
    this.live = new LiveMessages((error) => logger.error({ err: error }, 'a listener failed'));
    this.#announcer = new Announcer(
      {
        cameraIds: () => this.cameras.ids,
        camera: (id) => this.cameras.status(id),
        alarm: (id) => this.cameras.alarm(id),
        webhooks: () => this.settings.current().webhooks,
        channels: (camera) => this.schedule.channels(camera),
        profile: () => this.schedule.profiles.status,
        notifications: (event, moment) => this.notifier.messagesOf(event, moment),
        thumbnail: (event) => this.#thumbnail(event),
      },
      {
        page: this.live,
        mqtt: this.#mqtt,
        outbox: store,
        webhooks: this.#webhooks,
        states: new SentStates(store),
        log: logger,
      },
    );
    this.#files = new StoredFiles(
      { folder: folder.path, rows: store, limits: () => this.settings.current().storage },
      {
        onEvent: (event) => this.#announcer.event(event),
        onRemoved: ({ id }) => this.#announcer.eventRemoved(id),
        onNotices: () => this.#announcer.notices.set('files', ...this.#files.notices),
      },
    );
    this.#eventLog = new EventLog(store, {
      cameraName: (id) => this.cameras.name(id),
      messages: (event, moment) => this.#announcer.messagesOf(event, moment),
      onStored: (event, added) => {
        if (added) this.metrics.countEvent(event);
        this.#announcer.event(event);
      },
    });
    this.events = new EventArchive(store, this.#files, {
      onVerdict: (event) => this.cameras.judged(event),
      onChanged: (event) => this.#announcer.event(event),
      messages: (event) => this.#announcer.messagesOf(event, 'end'),
      onRemoved: (event) => {
        if (event.end === null) this.cameras.dismissed(event);
        this.#announcer.eventRemoved(event.id);
      },
    });
    this.inbox = new Inbox(store, {
      margin: (camera) => this.cameras.likeMargin(camera),
      judge: (id, verdict) => this.events.judge(id, verdict),
      onChanged: (event) => this.#announcer.event(event),
    });
    this.#inference = processes.inference({
      onScore: (camera, score) => this.cameras.scored(camera, score),
      onModelFailed: (camera, reason) => this.cameras.modelFailed(camera, reason),
      onLost: (reason, givenUp) => {
        logger.warn({ reason, givenUp }, 'inference lost');
        this.health.scoring = false;
        const line = `Scoring ${givenUp ? 'pauses' : 'restarts'}: ${reason}`;
        this.#announcer.notices.set('scoring', line);
        this.cameras.scoringLost(reason, givenUp);
      },
      onReady: () => {
        this.health.scoring = true;
        this.#announcer.notices.set('scoring');
        this.cameras.scoringReady();
      },
    });
    this.cameras = new Cameras({
      store,
      events: this.#eventLog,
      decoders: processes.decoders,
      inference: this.#inference,
      learner: processes.learner,
      models: new ModelChecks(processes.learner),
      folder,
      logger,
      grace,
      files: this.#files,
      schedule: this.schedule,
      onChange: (camera) => this.#announcer.cameraChanged(camera),
      onRemoved: (camera) => {
        this.schedule.snoozes.forget(camera.id);
        this.rehearsals.forget(camera.id);
        this.#announcer.cameraRemoved(camera);
      },
      onScore: (score) => this.#announcer.score(score),
    });
    this.rehearsals = new Rehearsals(
      { store, folder, schedule: this.schedule, logger, files: this.#files },
      processes.rehearser ?? new FootageRehearser(),
    );
    this.health = new Health({
      notices: () => this.#announcer.notices.lines,
      storage: () => this.#files.storage,
      outbox: () => store.outboxState(),
      mqtt: () => this.#mqtt.state,
    });
    this.metrics = new Metrics({
      cameras: () => this.cameras.all(),
      status: () => this.health.status(),
      children: () => this.#children(),
      mqttDropped: () => this.#mqtt.dropped,
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
    this.settings.start();
    await Promise.all([this.#files.start(), this.rehearsals.start()]);
    endUnfinished(this.store, this.#eventLog);
    this.schedule.start();
    this.#inference.start();
    this.cameras.start(this.#configuration.cameras);
    vapidKeys(this.store);
    this.#webhooks.start();
    this.#mqtt.start(this.settings.current().mqtt);
    this.store.surviveDamage();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** Where people reach the page; undefined where that is not known. */
  readonly publicAddress = (): string | undefined => {
    const { publicUrl } = this.settings.current().notifications;
    if (publicUrl === undefined) return pageAddress(this.#configuration.server);
    return publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`;
  };

  /** Ends everything that runs; every process is gone when this settles. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    // An order to a camera may wait for the check of a model.
    await Promise.all([this.#learner.stop(), this.rehearsals.close(), this.cameras.close()]);
    await Promise.all([
      this.#inference.stop(),
      this.#webhooks.stop(),
      this.#mqtt.stop(),
      this.#files.stop(),
    ]);
    this.#announcer.stop();
    this.store.close();
  }

  #tick(): void {
    this.#eventLog.retry();
    this.schedule.tick();
    this.cameras.tick();
    this.#announcer.tick();
    const { damage } = this.store;
    const { notices } = this.#announcer;
    const cause = damage === undefined ? 'The disk is full' : 'service.db is damaged';
    notices.set('events', ...this.#eventLog.notices(cause));
    const { trouble } = this.#mqtt;
    notices.set('mqtt', ...(trouble === null ? [] : [`MQTT is not connected: ${trouble}`]));
    if (damage !== undefined)
      notices.set(
        'store',
        `${damage}: cameras are still scored, but nothing is stored; stop the service, put an undamaged copy in its place and start it again`,
      );
  }

  #profileChanged(): void {
    this.cameras.profileChanged();
    this.#announcer.profileChanged();
  }

  async #thumbnail({ id }: AnomalyEvent): Promise<Buffer | undefined> {
    const path = this.#files.eventFile(id, 'thumbnail');
    // A notification does not wait for its picture for long.
    await this.#files.fetch(path, 3000);
    return readFile(path).catch(() => undefined);
  }

  #children(): { readonly name: string; readonly residentBytes: number }[] {
    return [
      { name: 'inference', residentBytes: this.#inference.residentBytes },
      { name: 'learner', residentBytes: this.#learner.residentBytes },
      { name: 'rehearsal', residentBytes: this.rehearsals.residentBytes },
      ...this.cameras.decoders.map(({ id, residentBytes }) => ({
        name: `decoder of ${id}`,
        residentBytes,
      })),
    ];
  }
}
