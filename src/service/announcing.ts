import type { Logger } from 'pino';
import { Links } from './access/links.ts';
import { ownerSees } from './access/owner-sees.ts';
import { Announcer } from './announcer/announcer.ts';
import { LiveMessages } from './announcer/live-messages.ts';
import { Sending } from './announcer/sending.ts';
import type { ServedCameras } from './api/served-parts.ts';
import { pageAddress } from './config/server-settings.ts';
import { SettingsInForce } from './config/settings-in-force.ts';
import type { AnomalyEvent, Verdict } from './contract/event.ts';
import type { ConfigurationFile } from './contract/settings.ts';
import { ifRoom } from './disk/if-room.ts';
import { ConfiguredMqtt } from './mqtt/configured-mqtt.ts';
import { ActionLinks } from './notify/action-links.ts';
import { Notifier } from './notify/notifier.ts';
import { WebhookSender } from './outbox/webhook-sender.ts';
import { obey } from './schedule/obey.ts';
import { Profiles } from './schedule/profiles.ts';
import { Schedule } from './schedule/schedule.ts';
import { Snoozes } from './schedule/snoozes.ts';
import type { SqlStore } from './store/sql-store.ts';

export interface AnnouncingOptions {
  readonly store: SqlStore;
  readonly configuration: ConfigurationFile;
  readonly logger: Logger;
  readonly cameras: () => ServedCameras;
  readonly judge: (event: string, verdict: Verdict) => AnomalyEvent | undefined;
  /** The JPEG of an event; undefined where it cannot be read. */
  readonly thumbnail: (event: AnomalyEvent) => Promise<Buffer | undefined>;
  /** Another profile is in force. */
  readonly onProfile: () => void;
}

/** All by which people and programs are told of what happens: settings, schedule, and every channel. */
export class Announcing {
  readonly settings: SettingsInForce;
  readonly schedule: Schedule;
  readonly links: Links;
  readonly actions: ActionLinks;
  readonly notifier: Notifier;
  readonly live: LiveMessages;
  readonly announcer: Announcer;
  readonly sending: Sending;
  readonly mqtt: ConfiguredMqtt;
  readonly #options: AnnouncingOptions;

  constructor(options: AnnouncingOptions) {
    const { store, configuration, logger, cameras, judge, thumbnail, onProfile } = options;
    this.#options = options;
    this.mqtt = new ConfiguredMqtt(
      () => this.announcer.all(),
      pageAddress(configuration.server),
      (command) => {
        obey(command, this.schedule, {
          isCamera: (id) => cameras().ids.includes(id),
          onRefused: (reason) => logger.warn({ reason }, 'MQTT command refused'),
        });
        // A list may show another choice than the one that holds.
        this.announcer.profileChanged();
      },
    );
    this.settings = new SettingsInForce(store, configuration, (mqtt) => this.sending.use(mqtt));
    this.schedule = new Schedule(
      new Profiles(
        store.schedule,
        () => this.settings.current().profiles,
        () => {
          onProfile();
          this.announcer.profileChanged();
        },
      ),
      new Snoozes(store.schedule, (camera) => this.announcer.cameraChanged(camera)),
    );
    this.links = new Links(store);
    this.actions = new ActionLinks({
      links: this.links,
      event: (id) => store.event(id),
      judge,
      snooze: (camera, minutes) => this.schedule.snoozes.begin(camera, { for: minutes }),
    });
    this.notifier = new Notifier({
      settings: () => this.settings.current().notifications,
      address: this.publicAddress,
      names: (camera) => this.schedule.channels(camera),
      store,
      thumbnail,
      links: this.links,
      actions: this.actions,
      sees: (owner, camera) => ownerSees(store, owner, camera),
    });
    const webhooks = new WebhookSender(
      store,
      { onGivenUp: (reason) => logger.warn({ reason }, 'message given up') },
      {},
      this.notifier,
    );
    this.sending = new Sending(store, webhooks, this.mqtt);
    this.live = new LiveMessages((error) => logger.error({ err: error }, 'a listener failed'));
    this.announcer = new Announcer(
      {
        cameraIds: () => cameras().ids,
        camera: (id) => cameras().status(id),
        alarm: (id) => cameras().alarm(id),
        webhooks: () => this.settings.current().webhooks,
        channels: (camera) => this.schedule.channels(camera),
        profile: () => this.schedule.profiles.status,
        notifications: (event, moment) => this.notifier.messagesOf(event, moment),
        thumbnail,
      },
      {
        page: this.live,
        mqtt: this.mqtt,
        outbox: store,
        webhooks: this.sending,
        states: this.sending,
        log: logger,
      },
    );
  }

  /** Where people reach the page; undefined where that is not known. */
  readonly publicAddress = (): string | undefined => {
    const { publicUrl } = this.settings.current().notifications;
    if (publicUrl === undefined) return pageAddress(this.#options.configuration.server);
    return publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`;
  };

  startSending(): void {
    this.sending.start(this.settings.current().mqtt);
  }

  /** Another program may have changed settings, snoozes or profiles. */
  reread(): void {
    ifRoom(() => {
      this.#options.store.rereadSettings();
      this.schedule.reread();
      this.sending.use(this.settings.current().mqtt);
    });
  }
}
