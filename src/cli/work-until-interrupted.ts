import { once } from 'node:events';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { Server } from '../service/api/server.ts';
import { measuredRate } from '../service/fleet/measured-rate.ts';
import { ownAddress, reachedAt } from '../service/fleet/own-address.ts';
import { ScoringJobs } from '../service/jobs/scoring-jobs.ts';
import { openLog } from '../service/log/log.ts';
import { Service } from '../service/service.ts';
import { requireDatabase } from '../service/store/postgres/database-name.ts';
import { type Context, print } from './context.ts';
import { openPlace } from './files-place.ts';
import type { WorkerOptions } from './worker.ts';

/** Works for a fleet until Ctrl-C, then gives its cameras back. @throws Interrupt */
export async function work(options: WorkerOptions, { signal }: Context): Promise<void> {
  const { store: database, cameras: most, name = hostname(), port, log } = options;
  if (database === undefined)
    throw new UserError('--store: is missing; give the PostgreSQL database of the fleet');
  requireDatabase(database);
  const logger = openLog(log);
  const { data, bucket } = await openPlace(options);
  process.env.M2S2L_CACHE ??= join(resolve(data), 'cache', encodeURIComponent(name));
  const own = await ownAddress(database);
  const host = options.host ?? own;
  const capacity = await measuredRate();
  const fleet = { kind: 'worker' as const, database, name, most, capacity };
  const service = await Service.open({ data, bucket, logger, fleet });
  const { fleetSecret } = service;
  const server = new Server({
    service,
    tokens: service.store,
    host,
    port,
    requireToken: true,
    logger,
    ...(fleetSecret !== undefined && { fleetSecret }),
  });
  // Recordings come in the folder that all share.
  const jobs = bucket ? undefined : new ScoringJobs({ address: database, files: data, logger });
  try {
    const address = reachedAt(await server.listen(), own);
    service.membership?.join(address);
    jobs?.start();
    await print(
      `m2s2l worker ${name} takes cameras; servers reach it at ${address}; it scores ${Math.round(capacity)} frames a second\n`,
    );
    if (!signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
  } finally {
    // Cameras are given back while servers can still hear of it.
    await Promise.all([service.membership?.leave(), jobs?.stop()]);
    await server.close();
    await service.close();
  }
}
