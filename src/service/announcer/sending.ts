import { isDeepStrictEqual } from 'node:util';
import type { ServiceSettings } from '../contract/settings.ts';
import type { ConfiguredMqtt } from '../mqtt/configured-mqtt.ts';
import { SentStates } from '../outbox/sent-states.ts';
import type { WebhookSender } from '../outbox/webhook-sender.ts';

type StateStore = ConstructorParameters<typeof SentStates>[0];

/** What sends: of several servers that share a database, one at a time. */
export class Sending {
  readonly #store: StateStore;
  readonly #webhooks: WebhookSender;
  readonly #mqtt: ConfiguredMqtt;
  /** While it runs. */
  #states: SentStates | undefined;
  #used: ServiceSettings['mqtt'] = null;

  constructor(store: StateStore, webhooks: WebhookSender, mqtt: ConfiguredMqtt) {
    this.#store = store;
    this.#webhooks = webhooks;
    this.#mqtt = mqtt;
  }

  /** Reads what was sent before, so that a camera that comes back is known as one. */
  prepare(): void {
    this.#states = new SentStates(this.#store);
  }

  start(mqtt: ServiceSettings['mqtt']): void {
    this.#states ??= new SentStates(this.#store);
    this.#webhooks.start();
    this.#used = mqtt;
    this.#mqtt.start(mqtt);
  }

  async stop(): Promise<void> {
    this.#states = undefined;
    await Promise.all([this.#webhooks.stop(), this.#mqtt.stop()]);
  }

  /** Looks at once for what is to be sent. */
  wake(): void {
    if (this.#states) this.#webhooks.wake();
  }

  /** Settings for MQTT, which may be others than before. */
  use(mqtt: ServiceSettings['mqtt']): void {
    if (!this.#states || isDeepStrictEqual(mqtt, this.#used)) return;
    this.#used = mqtt;
    this.#mqtt.use(mqtt);
  }

  /** As `SentStates` does it; nothing while another sends. */
  send(...state: Parameters<SentStates['send']>): boolean {
    return this.#states?.send(...state) ?? false;
  }

  forget(camera: string): void {
    this.#states?.forget(camera);
  }
}
