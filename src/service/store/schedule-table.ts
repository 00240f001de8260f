import type { Database } from './database.ts';

/** What a person chose for a while: snoozed cameras, and a profile. */
export class ScheduleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  snoozes(): Map<string, number> {
    const rows = this.#database.all('SELECT camera, until FROM snoozes');
    return new Map(rows.map(({ camera, until }) => [camera as string, until as number]));
  }

  saveSnooze(camera: string, until: number | null): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM snoozes WHERE camera = :camera', { camera });
      if (until !== null)
        this.#database.run(
          'INSERT INTO snoozes SELECT id, :until FROM cameras WHERE id = :camera',
          {
            camera,
            until,
          },
        );
    });
  }

  chosenProfile(): string | null | undefined {
    const row = this.#database.get('SELECT name FROM chosen_profile');
    return row && (row.name as string | null);
  }

  chooseProfile(name: string | null | undefined): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM chosen_profile');
      if (name !== undefined)
        this.#database.run('INSERT INTO chosen_profile VALUES (1, :name)', { name });
    });
  }
}
