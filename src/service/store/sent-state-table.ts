import type { Database } from './database.ts';

/** The state of each camera that was sent to webhooks last. */
export class SentStateTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): Map<string, string> {
    const rows = this.#database.all('SELECT camera, state FROM told_states');
    return new Map(rows.map(({ camera, state }) => [camera as string, state as string]));
  }

  /** Nothing where the camera is not stored. Call it within a transaction. */
  save(camera: string, state: string): void {
    this.#database.run(
      `INSERT INTO told_states SELECT id, :state FROM cameras WHERE id = :camera
       ON CONFLICT (camera) DO UPDATE SET state = excluded.state`,
      { camera, state },
    );
  }
}
