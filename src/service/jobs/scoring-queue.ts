import type { PoolConfig } from 'pg';
import { type ConstructorOptions, type Job, PgBoss } from 'pg-boss';
import { UserError } from '../../errors.ts';
import { databaseName, requireDatabase } from '../store/postgres/database-name.ts';

export const SCORING = 'scoring';

/** Of the queue's own tables, beside those of the store. */
const SCHEMA = 'm2s2l_jobs';

const DAY = 24 * 3600;

/** How long a job is kept, and how often it is tried; a queue that is there keeps its own. */
const queueOptions = {
  retryLimit: 4,
  retryDelay: 10,
  retryBackoff: true,
  retryDelayMax: 300,
  // Without a sign of life of its worker for so long, a job is another's.
  heartbeatSeconds: 30,
  expireInSeconds: DAY,
  // An archive may wait for months.
  retentionSeconds: 365 * DAY,
  deleteAfterSeconds: 7 * DAY,
};

/** Seconds between two looks, of all machines together, for jobs whose worker is gone. */
const LOOK = 15;

/** Milliseconds to connect, and for an answer. */
const PATIENCE = 10_000;
const ANSWER_PATIENCE = 30_000;

const MOST_CONNECTIONS = 3;

/** A job in the queue, as far as who waits for it wants to know. */
export interface QueuedJob {
  readonly id: string;
  readonly state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  /** Of its frames that are scored, 0 to 1, as far as that is known. */
  readonly share: number;
  /** Why it failed last. */
  readonly reason: string | undefined;
}

/**
 * Opens the queue of recordings, which is made where it is missing.
 * @param onError called with faults that pass, such as a database that is away
 * @throws UserError where it is no address, or the database cannot be reached or used
 */
export async function openScoringQueue(
  address: string,
  onError: (error: Error) => void,
): Promise<PgBoss> {
  requireDatabase(address);
  const pool: PoolConfig = {
    connectionString: address,
    application_name: 'm2s2l jobs',
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: PATIENCE,
    // A network that goes silent ends nothing by itself.
    query_timeout: ANSWER_PATIENCE,
    keepAlive: true,
  };
  const queue = new PgBoss({
    ...pool,
    schema: SCHEMA,
    schedule: false,
    superviseIntervalSeconds: LOOK,
    monitorIntervalSeconds: LOOK,
  } as ConstructorOptions);
  queue.on('error', onError);
  try {
    await queue.start();
    await queue.createQueue(SCORING, queueOptions);
    return queue;
  } catch (error) {
    await queue.stop({ graceful: false }).catch(() => undefined);
    const { message, code } = error as Error & { code?: string };
    throw new UserError(`${databaseName(address)}: has no queue for jobs (${message || code})`);
  }
}

/** How jobs stand; those that are not there are left out. */
export async function queuedJobs(queue: PgBoss, ids: readonly string[]): Promise<QueuedJob[]> {
  const { rows } = await queue.getDb().executeSql(
    `SELECT id, state, CASE state WHEN 'active' THEN (output ->> 'share')::float8 END AS share,
       coalesce(output ->> 'message', output -> 'value' ->> 'message') AS reason
     FROM ${SCHEMA}.job WHERE name = $1 AND id = ANY ($2::uuid[])`,
    [SCORING, ids],
  );
  return rows.map(({ id, state, share, reason }) => ({
    id,
    state,
    share: share ?? 0,
    reason: reason ?? undefined,
  }));
}

/** Notes how far a worker is with a job, unless it is another's by now. */
export async function noteShare(
  queue: PgBoss,
  { id, retryCount }: Pick<Job, 'id' | 'retryCount'>,
  share: number,
): Promise<void> {
  await queue.getDb().executeSql(
    `UPDATE ${SCHEMA}.job SET output = jsonb_build_object('share', $4::float8)
     WHERE name = $1 AND id = $2 AND state = 'active' AND retry_count = $3`,
    [SCORING, id, retryCount, share],
  );
}
