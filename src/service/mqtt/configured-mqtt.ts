import type { CameraStatus } from '../contract/camera.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { LiveScore } from '../contract/live.ts';
import type { ProfileStatus } from '../contract/profile.ts';
import type { ServiceStatus } from '../contract/settings.ts';
import type { MqttCommand } from './commands.ts';
import { MqttPublisher } from './mqtt-publisher.ts';
import type { MqttSettings } from './topics.ts';

/** The publisher of the settings in force, if there are any; other settings replace it. */
export class ConfiguredMqtt {
  readonly #onStarted: () => void;
  readonly #page: string | undefined;
  readonly #onCommand: (command: MqttCommand) => void;
  #publisher: MqttPublisher | undefined;
  #settings: MqttSettings | null = null;
  #turn: Promise<void> = Promise.resolve();
  #droppedBefore = 0;

  /**
   * @param onStarted called after each start: the publisher knows no camera then
   * @param page address of the service's page, ending with `/`, where that is known
   * @param onCommand called with what a program asks for by the broker
   */
  constructor(
    onStarted: () => void,
    page?: string,
    onCommand: (command: MqttCommand) => void = () => {},
  ) {
    this.#onStarted = onStarted;
    this.#page = page;
    this.#onCommand = onCommand;
  }

  get state(): ServiceStatus['mqtt'] {
    return this.#publisher?.state ?? 'off';
  }

  /** Why there is no connection, in one line; null where there is one, or none is wanted. */
  get trouble(): string | null {
    return this.state === 'disconnected' ? (this.#publisher?.lastError ?? null) : null;
  }

  /** Events that did not reach a broker. */
  get dropped(): number {
    return this.#droppedBefore + (this.#publisher?.dropped ?? 0);
  }

  start(settings: MqttSettings | null): void {
    this.#settings = settings;
    if (!settings) return;
    this.#publisher = new MqttPublisher(settings, {
      page: this.#page,
      onCommand: this.#onCommand,
    });
    this.#publisher.start();
    this.#onStarted();
  }

  /** Leaves one broker before it goes to the next, also when the settings change again meanwhile. */
  use(settings: MqttSettings | null): void {
    this.#settings = settings;
    this.#turn = this.#turn.then(() => this.#restart());
  }

  async stop(): Promise<void> {
    await this.#turn;
    await this.#publisher?.stop();
  }

  camera(status: CameraStatus): void {
    this.#publisher?.camera(status);
  }

  profile(status: ProfileStatus): void {
    this.#publisher?.profile(status);
  }

  removeCamera(id: string): void {
    this.#publisher?.removeCamera(id);
  }

  alarm(camera: string, on: boolean): void {
    this.#publisher?.alarm(camera, on);
  }

  score(score: LiveScore): void {
    this.#publisher?.score(score);
  }

  event(event: AnomalyEvent): void {
    this.#publisher?.event(event);
  }

  /** The picture of an event, as a JPEG. */
  picture(event: AnomalyEvent, jpeg: Buffer): void {
    this.#publisher?.picture(event, jpeg);
  }

  async #restart(): Promise<void> {
    const before = this.#publisher;
    this.#publisher = undefined;
    this.#droppedBefore += before?.dropped ?? 0;
    await before?.stop(this.#settings);
    this.start(this.#settings);
  }
}
