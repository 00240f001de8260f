import { type AccessToken, accessToken, type Role, role } from '../contract/settings.ts';
import type { Database } from './database.ts';

const selection = 'SELECT id, name, role, created, last_used AS lastUsed FROM tokens';

/** Access tokens, of which only the hashes are kept. */
export class TokenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): AccessToken[] {
    return this.#database
      .all(`${selection} ORDER BY created, id`)
      .map((row) => accessToken.parse(row));
  }

  add({ id, name, role, created, lastUsed }: AccessToken, hash: string): void {
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO tokens (id, name, role, hash, created, last_used)
         VALUES (:id, :name, :role, :hash, :created, :lastUsed)`,
        { id, name, role, hash, created, lastUsed },
      ),
    );
  }

  byHash(hash: string): { readonly id: string; readonly role: Role } | undefined {
    const row = this.#database.get('SELECT id, role FROM tokens WHERE hash = :hash', { hash });
    return row && { id: row.id as string, role: role.parse(row.role) };
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
