import { type OddMinute, oddMinute } from '../contract/camera.ts';
import type { Verdict } from '../contract/event.ts';
import type { RecordedFile, Span } from '../parts.ts';
import type { Database } from './database.ts';
import type { StoredPaths } from './stored-paths.ts';

/** Footage that was collected, and its odd minutes. */
export class FootageTable {
  readonly #database: Database;
  readonly #paths: StoredPaths;

  constructor(database: Database, paths: StoredPaths) {
    this.#database = database;
    this.#paths = paths;
  }

  add(camera: string, file: RecordedFile): void {
    const path = this.#paths.stored(file.path);
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO footage (path, camera, started, ended, frames, light)
           VALUES (:path, :camera, :from, :to, :frames, :light)
         ON CONFLICT (path) DO UPDATE SET camera = excluded.camera, started = excluded.started,
           ended = excluded.ended, frames = excluded.frames, light = excluded.light`,
        {
          camera,
          path,
          from: file.from,
          to: file.to,
          frames: file.frames,
          light: file.light ? JSON.stringify(file.light) : null,
        },
      ),
    );
  }

  of(camera: string): RecordedFile[] {
    const rows = this.#database.all(
      `SELECT path, started AS "from", ended AS "to", frames, light FROM footage
       WHERE camera = :camera ORDER BY started`,
      { camera },
    );
    return rows.map(({ path, from, to, frames, light }) => ({
      path: this.#paths.real(path as string),
      from: from as number,
      to: to as number,
      frames: frames as number,
      ...(light !== null && { light: JSON.parse(light as string) }),
    }));
  }

  /** The last frame of a file lasts as long as the others. */
  seconds(camera: string, { from, to }: Span): number {
    const row = this.#database.get(
      `SELECT SUM((ended - started) / 1000 * frames / (frames - 1)) AS seconds FROM footage
       WHERE camera = :camera AND started >= :from AND ended <= :to AND frames > 1`,
      { camera, from, to },
    );
    return (row?.seconds as number | null) ?? 0;
  }

  remove(path: string): void {
    this.#database.transaction(() =>
      this.#database.run('DELETE FROM footage WHERE path = :path', {
        path: this.#paths.stored(path),
      }),
    );
  }

  addOddMinutes(odd: readonly OddMinute[]): void {
    this.#database.transaction(() => {
      for (const { id, camera, time, score, verdict } of odd)
        this.#database.run(
          `INSERT INTO odd_minutes VALUES (:id, :camera, :time, :score, :verdict)
           ON CONFLICT (id) DO UPDATE SET camera = excluded.camera, time = excluded.time,
             score = excluded.score, verdict = excluded.verdict`,
          { id, camera, time, score, verdict },
        );
    });
  }

  oddMinutes(camera: string): OddMinute[] {
    return this.#database
      .all('SELECT * FROM odd_minutes WHERE camera = :camera ORDER BY time', { camera })
      .map((row) => oddMinute.parse(row));
  }

  judgeOddMinute(id: string, verdict: Verdict): OddMinute | undefined {
    return this.#database.transaction(() => {
      const row = this.#database.get(
        'UPDATE odd_minutes SET verdict = :verdict WHERE id = :id RETURNING *',
        { id, verdict },
      );
      return row && oddMinute.parse(row);
    });
  }
}
