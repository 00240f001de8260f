import type { LightName } from '../../scoring/light/clusters.ts';
import type { ScoredStretch } from '../parts.ts';
import type { Database, Row } from './database.ts';

const SECONDS = 60;

/**
 * The highest score of each second, as a row of sixty float32 (little endian, NaN for none) for each
 * minute of a camera: small enough that a second more rewrites one page. A minute is of one model: the
 * last that scored in it.
 */
export class ScoreTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The larger stays where a second has a score of the same model already. */
  add(camera: string, { from, peaks, light }: ScoredStretch): void {
    const first = Math.floor(from / 1000);
    this.#database.quickTransaction(() => {
      for (let i = 0; i < peaks.length; ) {
        const minute = Math.floor((first + i) / SECONDS);
        const row = this.#minute(camera, minute, light ?? null);
        for (
          let second = first + i - minute * SECONDS;
          second < SECONDS && i < peaks.length;
          second++
        ) {
          const peak = peaks[i++]!;
          if (!(peak <= row[second]!) && !Number.isNaN(peak)) row[second] = peak;
        }
        this.#write(camera, minute, row, light);
      }
    });
  }

  /** Each second that is given takes the place of what is there. */
  replace(camera: string, stretches: readonly ScoredStretch[]): void {
    const minutes = new Map<number, Float32Array<ArrayBuffer>>();
    for (const { from, peaks } of stretches)
      for (let i = 0; i < peaks.length; i++) {
        const second = Math.floor(from / 1000) + i;
        const minute = Math.floor(second / SECONDS);
        const row = minutes.get(minute) ?? this.#minute(camera, minute);
        row[second - minute * SECONDS] = peaks[i]!;
        minutes.set(minute, row);
      }
    this.#database.quickTransaction(() => {
      for (const [minute, row] of minutes) this.#write(camera, minute, row);
    });
  }

  /**
   * Stretches without a gap, the first first; seconds that begin within a span.
   * @param light of one model alone
   */
  between(camera: string, from: number, to: number, light?: LightName): ScoredStretch[] {
    const [first, end] = [Math.ceil(from / 1000), Math.ceil(to / 1000)];
    const rows = this.#database.all(
      `SELECT minute, peaks FROM scores
       WHERE camera = :camera AND minute BETWEEN :first AND :last
         AND (CAST(:light AS TEXT) IS NULL OR light = :light) ORDER BY minute`,
      {
        camera,
        first: Math.floor(first / SECONDS),
        last: Math.floor(end / SECONDS),
        light: light ?? null,
      },
    );
    const stretches: ScoredStretch[] = [];
    let run: number[] = [];
    let next = Number.NaN;
    const close = () => {
      if (run.length > 0)
        stretches.push({ from: (next - run.length) * 1000, peaks: Float32Array.from(run) });
      run = [];
    };
    for (const row of rows) {
      const peaks = peaksOf(row);
      for (let i = 0; i < SECONDS; i++) {
        const second = (row.minute as number) * SECONDS + i;
        if (second < first || second >= end || Number.isNaN(peaks[i])) continue;
        if (second !== next) close();
        run.push(peaks[i]!);
        next = second + 1;
      }
    }
    close();
    return stretches;
  }

  removeBefore(camera: string, time: number): void {
    this.#database.quickTransaction(() =>
      this.#database.run('DELETE FROM scores WHERE camera = :camera AND minute < :minute', {
        camera,
        minute: Math.floor(time / 1000 / SECONDS),
      }),
    );
  }

  /** @param light undefined where it stays */
  #write(camera: string, minute: number, row: Float32Array<ArrayBuffer>, light?: LightName): void {
    this.#database.run(
      `INSERT INTO scores (camera, minute, peaks, light)
         VALUES (:camera, :minute, :peaks, :light)
       ON CONFLICT (camera, minute) DO UPDATE
         SET peaks = excluded.peaks, light = coalesce(excluded.light, scores.light)`,
      { camera, minute, peaks: new Uint8Array(row.buffer), light: light ?? null },
    );
  }

  /** What is there of a minute; nothing where that is of another model. @param light undefined: of any */
  #minute(camera: string, minute: number, light?: LightName | null): Float32Array<ArrayBuffer> {
    const row = this.#database.get(
      'SELECT peaks, light FROM scores WHERE camera = :camera AND minute = :minute',
      { camera, minute },
    );
    const same = row && (light === undefined || row.light === light);
    return same ? peaksOf(row) : new Float32Array(SECONDS).fill(Number.NaN);
  }
}

function peaksOf(row: Row): Float32Array<ArrayBuffer> {
  // A copy: what SQLite gives may begin anywhere, float32 may not.
  return new Float32Array(Uint8Array.from(row.peaks as Uint8Array).buffer);
}
