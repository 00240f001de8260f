import { z } from 'zod';
import {
  cameraOverlay,
  cameraSettings,
  learningSettings,
  thresholdInForce,
} from '../contract/camera.ts';
import type { StoredCamera } from '../parts.ts';
import type { Database, Row } from './database.ts';
import type { StoredPaths } from './stored-paths.ts';

const life = z.enum(['learning', 'calibrating', 'watching']);
const span = z.object({ from: z.number(), to: z.number() });
const learning = z.object({
  settings: learningSettings,
  out: z.string(),
  begun: z.number(),
  span: span.optional(),
});
const learned = z.object({
  settings: learningSettings,
  span: span.nullable(),
  seconds: z.number(),
});

/** The cameras, in the order in which they were added. */
export class CameraTable {
  readonly #database: Database;
  readonly #paths: StoredPaths;

  constructor(database: Database, paths: StoredPaths) {
    this.#database = database;
    this.#paths = paths;
  }

  all(): StoredCamera[] {
    return this.#database
      .all('SELECT * FROM cameras ORDER BY created, id')
      .map((row) => cameraOf(row, this.#paths));
  }

  save(camera: StoredCamera): void {
    const { model, learning } = camera;
    const kept = learning && { ...learning, out: this.#paths.stored(learning.out) };
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO cameras
           (id, settings, life, resumed, model, threshold, learning, created, overlay, learned)
         VALUES
           (:id, :settings, :life, :resumed, :model, :threshold, :learning, :created, :overlay,
            :learned)
         ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, life = excluded.life,
           resumed = excluded.resumed, model = excluded.model, threshold = excluded.threshold,
           learning = excluded.learning, overlay = excluded.overlay, learned = excluded.learned`,
        {
          id: camera.id,
          settings: JSON.stringify(camera.settings),
          life: camera.life,
          resumed: camera.resumed,
          model: model && this.#paths.stored(model),
          threshold: camera.threshold && JSON.stringify(camera.threshold),
          learning: kept && JSON.stringify(kept),
          created: camera.created,
          overlay: camera.overlay ? JSON.stringify(camera.overlay) : null,
          learned: camera.learned ? JSON.stringify(camera.learned) : null,
        },
      ),
    );
  }

  /** With its events, scores, footage and odd minutes. */
  remove(id: string): void {
    this.#database.transaction(() =>
      this.#database.run('DELETE FROM cameras WHERE id = :id', { id }),
    );
  }
}

function cameraOf(row: Row, paths: StoredPaths): StoredCamera {
  const model = row.model as string | null;
  const begun = learning.nullable().parse(JSON.parse((row.learning ?? 'null') as string));
  return {
    id: row.id as string,
    settings: cameraSettings.parse(JSON.parse(row.settings as string)),
    life: z.union([life, z.literal('stopped')]).parse(row.life),
    resumed: life.parse(row.resumed),
    model: model && paths.real(model),
    threshold: thresholdInForce.nullable().parse(JSON.parse((row.threshold ?? 'null') as string)),
    learning: begun && { ...begun, out: paths.real(begun.out) },
    created: row.created as number,
    learned: learned.nullable().parse(JSON.parse((row.learned ?? 'null') as string)),
    overlay: cameraOverlay.nullable().parse(JSON.parse((row.overlay ?? 'null') as string)),
  };
}
