import type { StoredLink } from '../parts.ts';
import type { Database, Row } from './database.ts';

/** Links that let in without a token, of which only the hashes are kept. */
export class LinkTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Removes those that have expired, too. */
  add({ id, purpose, event, subject, created, expires }: StoredLink, hash: string): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM links WHERE expires < :created', { created });
      this.#database.run(
        'INSERT INTO links VALUES (:hash, :id, :purpose, :event, :subject, :created, :expires)',
        { hash, id, purpose, event, subject: JSON.stringify(subject), created, expires },
      );
    });
  }

  byHash(hash: string): StoredLink | undefined {
    const row = this.#database.get('SELECT * FROM links WHERE hash = :hash', { hash });
    return row && linkOf(row);
  }

  ofEvent(event: string, purpose: StoredLink['purpose']): StoredLink[] {
    return this.#database
      .all('SELECT * FROM links WHERE event = :event AND purpose = :purpose ORDER BY created', {
        event,
        purpose,
      })
      .map(linkOf);
  }

  /** @returns whether it was there: of several at a time one alone has used it */
  remove(id: string): boolean {
    return this.#database.transaction(
      () => this.#database.run('DELETE FROM links WHERE id = :id', { id }) > 0,
    );
  }
}

function linkOf({ hash: _, subject, ...row }: Row): StoredLink {
  return { ...row, subject: JSON.parse(subject as string) } as unknown as StoredLink;
}
