import type { LightName } from '../../scoring/light/clusters.ts';
import type { StoredKeeper } from '../parts.ts';
import type { Database } from './database.ts';

/** The model of the day is the one that all other cameras have, too. */
const tableOf = (light: LightName | undefined): string =>
  light === 'night' ? 'night_keepers' : 'keepers';

/** What keeps the alarms of each camera within its budget. */
export class KeeperTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(camera: string, light?: LightName): StoredKeeper | undefined {
    const row = this.#database.get(`SELECT keeper FROM ${tableOf(light)} WHERE camera = :camera`, {
      camera,
    });
    return row && JSON.parse(row.keeper as string);
  }

  /** Nothing where the camera is not stored. */
  save(camera: string, keeper: StoredKeeper, light?: LightName): void {
    this.#database.quickTransaction(() =>
      this.#database.run(
        `INSERT INTO ${tableOf(light)} SELECT id, :keeper FROM cameras WHERE id = :camera
         ON CONFLICT (camera) DO UPDATE SET keeper = excluded.keeper`,
        { camera, keeper: JSON.stringify(keeper, rounded) },
      ),
    );
  }
}

/** Peaks of minutes need no more digits than a float32 has. */
function rounded(key: string, value: unknown): unknown {
  if (key !== 'peaks' || !Array.isArray(value)) return value;
  return value.map((peak) => (peak === null ? null : Number(peak.toPrecision(7))));
}
