import type { Database } from './database.ts';
import type { StoredPaths } from './stored-paths.ts';

/** Files and folders that are to go, because the rows that had them were removed. Triggers fill it. */
export class RemovalTable {
  readonly #database: Database;
  readonly #paths: StoredPaths;

  constructor(database: Database, paths: StoredPaths) {
    this.#database = database;
    this.#paths = paths;
  }

  all(): Set<string> {
    const rows = this.#database.all('SELECT path FROM removals');
    return new Set(rows.map(({ path }) => this.#paths.real(path as string)));
  }

  /** @param time milliseconds since 1970: the files of earlier ones are gone by now */
  forgetBefore(time: number): void {
    this.#database.quickTransaction(() =>
      this.#database.run('DELETE FROM removals WHERE time < :time', { time }),
    );
  }
}
