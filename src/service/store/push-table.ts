import type { StoredSubscription } from '../parts.ts';
import type { Database } from './database.ts';

/** Browsers that take push messages, and the service's own keys. */
export class PushTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of a channel, or of all. */
  all(channel?: string): StoredSubscription[] {
    return this.#database
      .all(
        `SELECT * FROM push_subscriptions WHERE channel = coalesce(:channel, channel)
         ORDER BY created, id`,
        { channel: channel ?? null },
      )
      .map(
        ({ keys, ...row }) => ({ ...row, keys: JSON.parse(keys as string) }) as StoredSubscription,
      );
  }

  /** In place of what was stored of the same endpoint. */
  save({ keys, ...row }: StoredSubscription): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM push_subscriptions WHERE endpoint = :endpoint', {
        endpoint: row.endpoint,
      });
      this.#database.run(
        `INSERT INTO push_subscriptions
         VALUES (:id, :channel, :endpoint, :keys, :device, :owner, :created)`,
        { ...row, keys: JSON.stringify(keys) },
      );
    });
  }

  remove(id: string): boolean {
    return this.#database.transaction(
      () => this.#database.run('DELETE FROM push_subscriptions WHERE id = :id', { id }) > 0,
    );
  }

  key(name: string): string | undefined {
    const row = this.#database.get('SELECT value FROM service_keys WHERE name = :name', { name });
    return row?.value as string | undefined;
  }

  /** @returns what is kept by a name, which is this value where there was none */
  keyOnce(name: string, value: string): string {
    this.#database.transaction(() =>
      this.#database.run(
        'INSERT INTO service_keys VALUES (:name, :value) ON CONFLICT (name) DO NOTHING',
        { name, value },
      ),
    );
    return this.key(name)!;
  }

  saveKey(name: string, value: string): void {
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO service_keys VALUES (:name, :value)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        { name, value },
      ),
    );
  }
}
