import { type ServiceSettings, serviceSettings } from '../contract/settings.ts';
import type { Database } from './database.ts';

/** The settings of the service: one row, read once until it is {@link SettingsTable.reread}. */
export class SettingsTable {
  readonly #database: Database;
  #settings: ServiceSettings | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get(): ServiceSettings {
    this.#settings ??= this.#read();
    return this.#settings;
  }

  /** Reads them again: another process may have changed them. */
  reread(): void {
    this.#settings = this.#read();
  }

  save(settings: ServiceSettings): void {
    const text = JSON.stringify(settings);
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO settings VALUES (1, :settings)
         ON CONFLICT (one) DO UPDATE SET settings = excluded.settings`,
        { settings: text },
      ),
    );
    this.#settings = serviceSettings.parse(JSON.parse(text));
  }

  #read(): ServiceSettings {
    const row = this.#database.get('SELECT settings FROM settings');
    return serviceSettings.parse(row ? JSON.parse(row.settings as string) : {});
  }
}
