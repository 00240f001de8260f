import { z } from 'zod';
import { cameraSettings, learningSettings, thresholdInForce } from '../contract/camera.ts';
import type { StoredCamera } from '../parts.ts';
import type { Database, Row } from './database.ts';

const life = z.enum(['learning', 'calibrating', 'watching']);
const learning = z.object({
  settings: learningSettings,
  out: z.string(),
  begun: z.number(),
});

/** The cameras, in the order in which they were added. */
export class CameraTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): StoredCamera[] {
    return this.#database.all('SELECT * FROM cameras ORDER BY created, id').map(cameraOf);
  }

  save(camera: StoredCamera): void {
    this.#database.transaction(() =>
      this.#database.run(
        `INSERT INTO cameras VALUES
           (:id, :settings, :life, :resumed, :model, :threshold, :learning, :created)
         ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, life = excluded.life,
           resumed = excluded.resumed, model = excluded.model, threshold = excluded.threshold,
           learning = excluded.learning`,
        {
          id: camera.id,
          settings: JSON.stringify(camera.settings),
          life: camera.life,
          resumed: camera.resumed,
          model: camera.model,
          threshold: camera.threshold && JSON.stringify(camera.threshold),
          learning: camera.learning && JSON.stringify(camera.learning),
          created: camera.created,
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

function cameraOf(row: Row): StoredCamera {
  return {
    id: row.id as string,
    settings: cameraSettings.parse(JSON.parse(row.settings as string)),
    life: z.union([life, z.literal('stopped')]).parse(row.life),
    resumed: life.parse(row.resumed),
    model: row.model as string | null,
    threshold: thresholdInForce.nullable().parse(JSON.parse((row.threshold ?? 'null') as string)),
    learning: learning.nullable().parse(JSON.parse((row.learning ?? 'null') as string)),
    created: row.created as number,
  };
}
