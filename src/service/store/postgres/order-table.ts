import type { WorkerOrder } from '../../parts.ts';
import type { Database } from '../database.ts';

/** Orders to workers, which triggers write; they wait until a worker has the camera and does them. */
export class OrderTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those of the cameras that a worker has, the first first. */
  of(worker: string): WorkerOrder[] {
    return this.#database.all(
      `SELECT number, camera, kind, orders.subject FROM orders
       JOIN leases ON leases.subject = orders.camera WHERE leases.worker = :worker ORDER BY number`,
      { worker },
    ) as unknown as WorkerOrder[];
  }

  done(number: number): void {
    this.#database.transaction(() =>
      this.#database.run('DELETE FROM orders WHERE number = :number', { number }),
    );
  }
}
