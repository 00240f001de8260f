import { isDeepStrictEqual } from 'node:util';
import { profiles } from '../contract/profile.ts';
import {
  type ConfigurationFile,
  type ServiceSettings,
  serviceSettings,
} from '../contract/settings.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { Store } from '../parts.ts';
import { SetInFile } from './set-in-file.ts';

const keys = Object.keys(serviceSettings.shape) as (keyof ServiceSettings)[];

/** Name under which the store keeps the profiles that lie over the configuration file's. */
const OVERLAY = 'profiles over the file';

type SettingsStore = Pick<Store, 'settings' | 'saveSettings' | 'serviceKey' | 'saveServiceKey'>;

/** The settings of the service: those of the configuration file, and the others as they were set last. */
export class SettingsInForce {
  readonly #store: SettingsStore;
  readonly #configuration: ConfigurationFile;
  readonly #onMqtt: (mqtt: ServiceSettings['mqtt']) => void;

  /** @param onMqtt called after a change of the settings for MQTT */
  constructor(
    store: SettingsStore,
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
    const over = fromFile.profiles && this.#profilesOver;
    const profiles = over ? { profiles: over } : {};
    ifRoom(() => this.#store.saveSettings({ ...this.current(), ...fromFile, ...profiles }));
  }

  current(): ServiceSettings {
    return this.#store.settings();
  }

  /**
   * Profiles of the configuration file may be changed: what is set then lies over it.
   * @throws SetInFile where another key of the file would change
   */
  set(settings: ServiceSettings): ServiceSettings {
    const before = this.current();
    const fromFile = this.fromFile();
    for (const key of fromFile)
      if (key !== 'profiles' && !isDeepStrictEqual(settings[key], before[key]))
        throw new SetInFile(`${key} is set in the configuration file; change it there`);
    if (fromFile.includes('profiles') && !isDeepStrictEqual(settings.profiles, before.profiles))
      this.#layOver(settings.profiles);
    this.#store.saveSettings(settings);
    if (!isDeepStrictEqual(settings.mqtt, before.mqtt)) this.#onMqtt(settings.mqtt);
    return this.current();
  }

  /** Drops what lies over the configuration file. */
  dropOverlay(): ServiceSettings {
    if (this.overlay().length > 0) {
      this.#layOver(undefined);
      this.#store.saveSettings({
        ...this.current(),
        profiles: this.#configuration.profiles ?? [],
      });
    }
    return this.current();
  }

  /** Keys that the configuration file holds. */
  fromFile(): readonly (keyof ServiceSettings)[] {
    return keys.filter((key) => this.#configuration[key] !== undefined);
  }

  /** Keys of them that were changed here and stand over the file. */
  overlay(): readonly (keyof ServiceSettings)[] {
    return this.#configuration.profiles && this.#profilesOver ? ['profiles'] : [];
  }

  get #profilesOver(): ServiceSettings['profiles'] | undefined {
    const kept = this.#store.serviceKey(OVERLAY);
    return kept ? profiles.parse(JSON.parse(kept)) : undefined;
  }

  #layOver(over: ServiceSettings['profiles'] | undefined): void {
    this.#store.saveServiceKey(OVERLAY, over ? JSON.stringify(over) : '');
  }
}
