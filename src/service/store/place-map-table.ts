import type { LightName } from '../../scoring/light/clusters.ts';
import type { PlaceMap } from '../../scoring/regions/place-map.ts';
import type { Database } from './database.ts';

const MINUTE = 60_000;

/** How rare each place was, a row for each minute of a camera. */
export class PlaceMapTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Nothing where the camera is not stored. */
  add(camera: string, { time, places, ...map }: PlaceMap, light?: LightName): void {
    this.#database.quickTransaction(() =>
      this.#database.run(
        `INSERT INTO place_maps
           (camera, minute, width, height, peak, combination, places, light)
           SELECT id, :minute, :width, :height, :peak, :combination, :places, :light
           FROM cameras WHERE id = :camera
         ON CONFLICT (camera, minute) DO UPDATE SET width = excluded.width,
           height = excluded.height, peak = excluded.peak, combination = excluded.combination,
           places = excluded.places, light = excluded.light`,
        { ...map, camera, minute: Math.floor(time / MINUTE), places, light: light ?? null },
      ),
    );
  }

  /** Of minutes that begin within a span, the first first. */
  between(camera: string, from: number, to: number, light?: LightName): PlaceMap[] {
    const rows = this.#database.all(
      `SELECT * FROM place_maps
       WHERE camera = :camera AND minute >= :first AND minute < :end
         AND (CAST(:light AS TEXT) IS NULL OR light = :light) ORDER BY minute`,
      {
        camera,
        first: Math.ceil(from / MINUTE),
        end: Math.ceil(to / MINUTE),
        light: light ?? null,
      },
    );
    return rows.map(({ minute, width, height, peak, combination, places }) => ({
      time: (minute as number) * MINUTE,
      width: width as number,
      height: height as number,
      peak: peak as number,
      combination: combination as PlaceMap['combination'],
      places: Uint8Array.from(places as Uint8Array),
    }));
  }

  removeBefore(camera: string, time: number): void {
    this.#database.quickTransaction(() =>
      this.#database.run('DELETE FROM place_maps WHERE camera = :camera AND minute < :minute', {
        camera,
        minute: Math.floor(time / MINUTE),
      }),
    );
  }
}
