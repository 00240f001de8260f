import type { MqttClient } from 'mqtt';
import type { Publication } from './newest.ts';
import { configTopic, deviceOf, formerConfigTopics, type MqttSettings } from './topics.ts';

/** By which Home Assistant lets an entity go over to another config, with all that it knows of it. */
const migrate = JSON.stringify({ migrate_discovery: true });

/**
 * Introduces cameras to Home Assistant by one config a device. Where version 0.1 left a config for each
 * entity on the broker, these make room first and are removed afterwards: Home Assistant refuses an
 * entity that it has found at another topic.
 */
export class Introductions {
  readonly #client: MqttClient;
  readonly #settings: MqttSettings;
  readonly #wait: number;
  readonly #publish: (publication: Publication) => void;
  readonly #configs = new Map<string, string>();
  /** Configs of entities that wait until the camera's former ones are gone, by camera. */
  readonly #former = new Map<string, string[]>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /**
   * @param wait milliseconds for the broker to send topics that version 0.1 left
   * @param publish puts a message behind those that wait
   */
  constructor(
    client: MqttClient,
    settings: MqttSettings,
    wait: number,
    publish: (publication: Publication) => void,
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#wait = wait;
    this.#publish = publish;
    client.on('message', (topic, payload, { retain }) => {
      if (retain && payload.length > 0) this.#found(topic);
    });
  }

  /** @param config of the camera, empty where it is removed */
  introduce(camera: string, config: string): void {
    const known = this.#configs.has(camera);
    this.#configs.set(camera, config);
    if (!known) this.#look(camera);
    else if (!this.#former.has(camera)) this.#introduce(camera);
  }

  /** The connection is lost: cameras are introduced again on the next. */
  forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#configs.clear();
    this.#former.clear();
  }

  #look(camera: string): void {
    this.#former.set(camera, []);
    // A broker that lets nobody read there has nothing to hand over either.
    this.#client.subscribe(formerConfigTopics(this.#settings, camera), () => {
      if (!this.#former.has(camera)) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#introduce(camera);
      }, this.#wait);
      this.#timers.add(timer);
    });
  }

  #found(topic: string): void {
    const device = topic.split('/').at(-3);
    const camera = [...this.#configs.keys()].find((id) => deviceOf(this.#settings, id) === device);
    if (camera === undefined) return;
    const roomIsMade = () => {
      if (!this.#configs.has(camera)) return;
      const waiting = this.#former.get(camera);
      if (waiting) waiting.push(topic);
      else this.#introduce(camera, [topic]);
    };
    if (!this.#configs.get(camera)) roomIsMade();
    // A broker keeps the order of one topic alone: the device's config goes when this has come.
    else this.#client.publish(topic, migrate, { qos: 1 }, (error) => void (error ?? roomIsMade()));
  }

  #introduce(camera: string, former = this.#former.get(camera) ?? []): void {
    this.#former.delete(camera);
    const config = { topic: configTopic(this.#settings, camera), retain: true };
    this.#publish({ ...config, payload: this.#configs.get(camera)! });
    for (const topic of former) this.#publish({ topic, payload: '', retain: true });
  }
}
