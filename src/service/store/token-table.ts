import { type AccessToken, accessToken } from '../contract/settings.ts';
import type { Database, Row } from './database.ts';

const selection = 'SELECT id, name, role, created, last_used AS "lastUsed", cameras FROM tokens';

/** Access tokens, of which only the hashes are kept. */
export class TokenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): AccessToken[] {
    return this.#database.all(`${selection} ORDER BY created, id`).map(tokenOf);
  }

  add({ id, name, role, created, lastUsed, cameras = null }: AccessToken, hash: string): void {
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO tokens (id, name, role, hash, created, last_used, cameras)
         VALUES (:id, :name, :role, :hash, :created, :lastUsed, :cameras)`,
        { id, name, role, hash, created, lastUsed, cameras: cameras && JSON.stringify(cameras) },
      ),
    );
  }

  byHash(hash: string): AccessToken | undefined {
    const row = this.#database.get(`${selection} WHERE hash = :hash`, { hash });
    return row && tokenOf(row);
  }

  used(id: string, time: number): void {
    this.#database.quickTransaction(() =>
      this.#database.run('UPDATE tokens SET last_used = :time WHERE id = :id', { id, time }),
    );
  }

  remove(id: string): boolean {
    return this.#database.transaction(
      () => this.#database.run('DELETE FROM tokens WHERE id = :id', { id }) > 0,
    );
  }
}

const tokenOf = ({ cameras, ...row }: Row): AccessToken =>
  accessToken.parse({ ...row, cameras: JSON.parse((cameras ?? 'null') as string) });
