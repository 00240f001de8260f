import { isDeepStrictEqual } from 'node:util';
import {
  type ConfigurationFile,
  type ServiceSettings,
  serviceSettings,
} from '../contract/settings.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { Store } from '../parts.ts';
import { SetInFile } from './set-in-file.ts';

const keys = Object.keys(serviceSettings.shape) as (keyof ServiceSettings)[];

/** The settings of the service: those of the configuration file, and the others as they were set last. */
export class SettingsInForce {
  readonly #store: Pick<Store, 'settings' | 'saveSettings'>;
  readonly #configuration: ConfigurationFile;
  readonly #onMqtt: (mqtt: ServiceSettings['mqtt']) => void;

  /** @param onMqtt called after a change of the settings for MQTT */
  constructor(
    store: Pick<Store, 'settings' | 'saveSettings'>,
    configuration: ConfigurationFile,
    onMqtt: (mqtt: ServiceSettings['mqtt']) => void,
  ) {
    this.#store = store;
    this.#configuration = configuration;
    this.#onMqtt = onMqtt;
  }

  /** Stores what the configuration file sets, as far as the disk has room. */
  start(): void {
    const { $schema: ___, server: _, cameras: __, ...fromFile } = this.#configuration;
    ifRoom(() => this.#store.saveSettings({ ...this.current(), ...fromFile }));
  }

  current(): ServiceSettings {
    return this.#store.settings();
  }

  /** @throws SetInFile where a key of the configuration file would change */
  set(settings: ServiceSettings): ServiceSettings {
    const before = this.current();
    for (const key of this.fromFile())
      if (!isDeepStrictEqual(settings[key], before[key]))
        throw new SetInFile(`${key} is set in the configuration file; change it there`);
    this.#store.saveSettings(settings);
    if (!isDeepStrictEqual(settings.mqtt, before.mqtt)) this.#onMqtt(settings.mqtt);
    return this.current();
  }

  /** Keys that the configuration file holds. */
  fromFile(): readonly (keyof ServiceSettings)[] {
    return keys.filter((key) => this.#configuration[key] !== undefined);
  }
}
