import { newToken } from '../access/tokens.ts';
import { randomId } from '../contract/random-id.ts';
import { openPostgres, openWorkerStore } from '../store/postgres/open-postgres.ts';
import type { OrderTable } from '../store/postgres/order-table.ts';
import type { SqlStore } from '../store/sql-store.ts';
import { openStore } from '../store/sqlite/open-store.ts';
import { requireSharedFolder } from './files-mark.ts';

/** The part that a service has among several programs that share cameras. */
export interface FleetOptions {
  readonly kind: 'server' | 'worker';
  /** Address of the PostgreSQL database. */
  readonly database: string;
  /** What a person calls this program. */
  readonly name: string;
  /** Of a worker: cameras that it takes at most. */
  readonly most?: number | undefined;
  /** Of a worker: frames a second that its machine scores. */
  readonly capacity?: number;
  /** Milliseconds between two renewals of leases; default 5000. */
  readonly renew?: number;
}

/** A store that several programs share. */
export interface FleetStore {
  readonly store: SqlStore;
  /** Of this program, another at each start. */
  readonly member: string;
  /** What servers and workers know each other by. */
  readonly secret: string;
  readonly orders: OrderTable | undefined;
  readonly writeUnder: (epochs: ReadonlyMap<string, number>) => void;
}

/** A store of a service that runs alone. */
export interface OwnStore {
  readonly store: SqlStore;
  readonly member?: undefined;
}

/** Keys of the service by which programs know each other, and the folder that they share. */
const KEY = 'fleet';
const NAME = 'fleet name';

/** @param folder of all that is no row @throws UserError */
export function openedStore(
  folder: string,
  fleet: FleetOptions | undefined,
): FleetStore | OwnStore {
  if (!fleet) return { store: openStore(folder) };
  const opened =
    fleet.kind === 'worker'
      ? openWorkerStore(fleet.database, folder)
      : {
          store: openPostgres(fleet.database, folder),
          orders: undefined,
          writeUnder: () => undefined,
        };
  try {
    const secret = opened.store.serviceKeyOnce(KEY, newToken());
    const isNew = opened.store.cameras().length === 0;
    requireSharedFolder(folder, opened.store.serviceKeyOnce(NAME, randomId()), isNew);
    return { ...opened, member: randomId(), secret };
  } catch (error) {
    opened.store.close();
    throw error;
  }
}
