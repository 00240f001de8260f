import { type Deed, deed, type Person, person } from '../contract/people.ts';
import type { SessionOwner, StoredSession } from '../parts.ts';
import type { Database, Row } from './database.ts';

/** Deeds that are kept, and after how many more the oldest go. */
const DEEDS = 20_000;
const DEEDS_MORE = 1000;

/** People, their sessions and those of tokens, and who did what. */
export class PeopleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): Person[] {
    return this.#database.all('SELECT * FROM people ORDER BY lower(name)').map(personOf);
  }

  get(id: string): Person | undefined {
    const row = this.#database.get('SELECT * FROM people WHERE id = :id', { id });
    return row && personOf(row);
  }

  byName(name: string): { person: Person; password: string | null } | undefined {
    const row = this.#database.get('SELECT * FROM people WHERE lower(name) = lower(:name)', {
      name,
    });
    return row && { person: personOf(row), password: row.password as string | null };
  }

  save({ id, name, role, cameras, created, lastUsed }: Person, password?: string | null): void {
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO people (id, name, role, cameras, created, last_used)
         VALUES (:id, :name, :role, :cameras, :created, :lastUsed)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
           cameras = excluded.cameras`,
        { id, name, role, cameras: cameras && JSON.stringify(cameras), created, lastUsed },
      );
      if (password !== undefined)
        this.#database.run('UPDATE people SET password = :password WHERE id = :id', {
          id,
          password,
        });
    });
  }

  used(id: string, time: number): void {
    this.#database.quickTransaction(() =>
      this.#database.run('UPDATE people SET last_used = :time WHERE id = :id', { id, time }),
    );
  }

  /** With their sessions. */
  remove(id: string): boolean {
    return this.#database.transaction(
      () => this.#database.run('DELETE FROM people WHERE id = :id', { id }) > 0,
    );
  }

  session(hash: string): StoredSession | undefined {
    const row = this.#database.get('SELECT * FROM sessions WHERE hash = :hash', { hash });
    return row as unknown as StoredSession | undefined;
  }

  /** Those that are over go. */
  addSession({ hash, token, person: of, created, ends }: StoredSession): void {
    this.#database.quickTransaction(() => {
      this.#database.run('DELETE FROM sessions WHERE ends < :created', { created });
      this.#database.run('INSERT INTO sessions VALUES (:hash, :token, :person, :created, :ends)', {
        hash,
        token,
        person: of,
        created,
        ends,
      });
    });
  }

  removeSession(hash: string): void {
    this.#database.transaction(() =>
      this.#database.run('DELETE FROM sessions WHERE hash = :hash', { hash }),
    );
  }

  sessionCounts(): { owner: SessionOwner; count: number }[] {
    return this.#database
      .all('SELECT token, person, count(*) AS count FROM sessions GROUP BY token, person')
      .map(({ token, person: of, count }) => ({
        owner: { token, person: of } as SessionOwner,
        count: count as number,
      }));
  }

  endOldestSessions({ token, person: of }: SessionOwner, most: number): void {
    const kind = token === null ? 'person' : 'token';
    this.#database.quickTransaction(() =>
      this.#database.run(
        `DELETE FROM sessions WHERE ${kind} = :owner AND hash NOT IN (
           SELECT hash FROM sessions WHERE ${kind} = :owner
           ORDER BY created DESC, ends DESC LIMIT :most)`,
        { owner: token ?? of, most },
      ),
    );
  }

  addDeed(done: Deed): void {
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO deeds (time, who, role, deed, camera, event, detail)
         VALUES (:time, :who, :role, :deed, :camera, :event, :detail)`,
        { ...done },
      );
      const { last } = this.#database.get('SELECT max(number) AS last FROM deeds')!;
      if ((last as number) % DEEDS_MORE === 0)
        this.#database.run('DELETE FROM deeds WHERE number <= :old', {
          old: (last as number) - DEEDS,
        });
    });
  }

  /** The latest first. */
  deeds(event: string | undefined, limit: number): Deed[] {
    const of = event === undefined ? '' : 'WHERE event = :event';
    return this.#database
      .all(
        `SELECT time, who, role, deed, camera, event, detail FROM deeds ${of}
         ORDER BY number DESC LIMIT :limit`,
        { limit, ...(event !== undefined && { event }) },
      )
      .map((row) => deed.parse(row));
  }
}

const personOf = (row: Row): Person =>
  person.parse({
    id: row.id,
    name: row.name,
    role: row.role,
    cameras: JSON.parse((row.cameras ?? 'null') as string),
    hasPassword: row.password !== null,
    created: row.created,
    lastUsed: row.last_used,
  });
