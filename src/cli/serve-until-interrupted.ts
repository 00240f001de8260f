import { once } from 'node:events';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { Server } from '../service/api/server.ts';
import { emptyConfiguration, readConfigurationFile } from '../service/config/configuration.ts';
import { demoCamera } from '../service/config/demo-camera.ts';
import { serverSettings } from '../service/config/server-settings.ts';
import type { FleetOptions } from '../service/fleet/opened-store.ts';
import { openLog } from '../service/log/log.ts';
import { Service } from '../service/service.ts';
import { requireDatabase } from '../service/store/postgres/database-name.ts';
import { type Context, print } from './context.ts';
import { openPlace } from './files-place.ts';
import type { ServeOptions } from './serve.ts';

/** Runs the service until Ctrl-C, then ends streams, server, service, in this order. @throws Interrupt */
export async function serve(options: ServeOptions, { signal }: Context): Promise<void> {
  const file = options.config ? await readConfigurationFile(options.config) : emptyConfiguration();
  const configuration = { ...file, server: serverSettings(file, options) };
  const { host, port, requireToken, trustProxy, basePath } = configuration.server;
  const logger = openLog(options.log);
  const { store: database, demo } = options;
  if (database === undefined && options.files !== undefined)
    throw new UserError(
      '--files: is for a service with --store; without one all files are in --data',
    );
  if (database !== undefined) requireDatabase(database);
  if (database !== undefined && demo)
    throw new UserError('--demo: is for a service that runs alone; leave out --store');
  const { data, bucket } = await openPlace(options);
  // The learner inherits it: what it decodes stays in the data folder.
  process.env.M2S2L_CACHE ??= join(resolve(data), 'cache');
  const fleet: FleetOptions | undefined =
    database === undefined ? undefined : { kind: 'server', database, name: hostname() };
  const service = await Service.open({ data, bucket, configuration, logger, fleet });
  const server = new Server({
    service,
    tokens: service.store,
    host,
    port,
    requireToken,
    trustProxy,
    basePath,
    logger,
  });
  try {
    const address = await server.listen();
    service.membership?.join(address);
    if (demo && service.cameras.ids.length === 0) await service.cameras.add(demoCamera());
    const token = options.newToken
      ? server.access.addToken('made by --new-token', 'admin').token
      : server.access.firstToken();
    const announcement = token ? `Token of an admin, shown only now: ${token}\n` : '';
    await print(`m2s2l serves ${address}\n${announcement}`);
    if (!signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
  } finally {
    await server.close();
    await service.close();
  }
}
