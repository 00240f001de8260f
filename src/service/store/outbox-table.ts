import { randomId } from '../contract/random-id.ts';
import type { OutboxEntry } from '../parts.ts';
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
   * What is due, the oldest of each address first, then the second of each: an address that takes
   * nothing hides no other. What waits behind is not looked at, however much it is.
   */
  due(now: number, limit: number): OutboxEntry[] {
    const addresses = this.#addresses();
    const share = Math.ceil(limit / Math.max(1, addresses.length));
    const lines = addresses.map(
      (url) =>
        // If the clock was set back, the wait might never end.
        this.#database.all(
          `SELECT id, url, body, attempts, due, created FROM outbox
           WHERE url = :url AND (due <= :now OR created > :now OR failed > :now)
           ORDER BY number LIMIT :share`,
          { url, now, share },
        ) as unknown as OutboxEntry[],
    );
    return Array.from({ length: share }, (_, k) => lines.flatMap((line) => line[k] ?? []))
      .flat()
      .slice(0, limit);
  }

  /** Each found by the index from the one before: a DISTINCT would read every message. */
  #addresses(): string[] {
    const rows = this.#database.all(
      `WITH RECURSIVE addresses (url) AS (
         SELECT min(url) FROM outbox
         UNION ALL
         SELECT (SELECT min(url) FROM outbox WHERE url > addresses.url) FROM addresses
         WHERE addresses.url IS NOT NULL
       ) SELECT url FROM addresses WHERE url IS NOT NULL`,
    );
    return rows.map(({ url }) => url as string);
  }

  state(): { waiting: number; oldest: number | null; lastError: string | null } {
    const { waiting } = this.#database.get('SELECT count(*) AS waiting FROM outbox')!;
    const first = this.#database.get('SELECT created FROM outbox ORDER BY number LIMIT 1');
    const last = this.#database.get(
      'SELECT error FROM outbox WHERE failed IS NOT NULL ORDER BY failed DESC LIMIT 1',
    );
    return {
      waiting: waiting as number,
      oldest: (first?.created ?? null) as number | null,
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
