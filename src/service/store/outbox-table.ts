import type { OutboxEntry } from '../parts.ts';
import { randomId } from '../random-id.ts';
import type { Database } from './database.ts';

/** Messages that wait until they are delivered or given up. */
export class OutboxTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Within the caller's transaction. */
  add(messages: readonly { readonly url: string; readonly body: string }[]): void {
    for (const { url, body } of messages)
      this.#database.run(
        `INSERT INTO outbox (id, url, body, due, created) VALUES (:id, :url, :body, :now, :now)`,
        { id: randomId(), url, body, now: Date.now() },
      );
  }

  /**
   * What is due, the oldest of each address first, then the second of each: an address that
   * takes nothing hides no other.
   */
  due(due: number, limit: number): OutboxEntry[] {
    const rows = this.#database.all(
      `SELECT id, url, body, attempts, due, created FROM outbox WHERE due <= :due
       ORDER BY row_number() OVER (PARTITION BY url ORDER BY number), number LIMIT :limit`,
      { due, limit },
    );
    return rows as unknown as OutboxEntry[];
  }

  state(): { waiting: number; oldest: number | null; lastError: string | null } {
    const { waiting, oldest } = this.#database.get(
      'SELECT count(*) AS waiting, min(created) AS oldest FROM outbox',
    )!;
    const last = this.#database.get(
      'SELECT error FROM outbox WHERE failed IS NOT NULL ORDER BY failed DESC LIMIT 1',
    );
    return {
      waiting: waiting as number,
      oldest: oldest as number | null,
      lastError: (last?.error ?? null) as string | null,
    };
  }

  remove(id: string): void {
    this.#database.transaction(() =>
      this.#database.run('DELETE FROM outbox WHERE id = :id', { id }),
    );
  }

  failed(id: string, error: string, due: number): void {
    this.#database.transaction(() =>
      this.#database.run(
        `UPDATE outbox SET attempts = attempts + 1, error = :error, due = :due, failed = :now
         WHERE id = :id`,
        { id, error, due, now: Date.now() },
      ),
    );
  }
}
