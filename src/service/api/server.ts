import { isIP } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { z } from 'zod';
import { UserError } from '../../errors.ts';
import { Access, type Identity, type TokenStore } from '../access/access.ts';
import { FleetAccess } from '../access/fleet-access.ts';
import { isLoopbackHost } from '../access/loopback.ts';
import { issueLine } from '../contract/issue-line.ts';
import { NoWorker } from '../parts.ts';
import { BadRequest } from './bad-request.ts';
import { type Recorded, recordDeeds } from './deeds.ts';
import { answerError, answerNoRequest } from './errors.ts';
import { guard } from './guard.ts';
import { LiveStreams, type StreamLimits } from './live-streams.ts';
import { builtPage, servePage } from './page.ts';
import type { Answer, Route } from './route.ts';
import { routes } from './routes.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { maySee, requireSeen } from './seen.ts';
import type { ServedParts } from './served-parts.ts';
import { boundUnfinishedRequests } from './unfinished-requests.ts';

export interface ServerOptions {
  readonly service: ServedParts;
  readonly tokens: TokenStore;
  /** Where to listen: a token is needed, but on a loopback address. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** At a worker: what its servers say who they are by. */
  readonly fleetSecret?: string;
  /** Needed on a loopback address, too. */
  readonly requireToken: boolean;
  /**
   * Addresses of proxies whose word on the client's address, host and scheme is taken; true: of this
   * machine. A token is needed from everybody then. Default false.
   */
  readonly trustProxy?: boolean | readonly string[];
  /** Where the page is to a browser, as `/cameras/`; a proxy may take it away or leave it. Default `/`. */
  readonly basePath?: string;
  readonly logger: FastifyBaseLogger;
  /** Folder of the built page; the package's own by default. */
  readonly page?: string;
  readonly limits?: StreamLimits;
  /** Checks answers by their schemas, too. For tests: it costs. */
  readonly checkAnswers?: boolean;
  /** Push services of any address, as tests have them; default false. */
  readonly anyPushService?: boolean;
}

const BODY_LIMIT = 64 * 1024;
const MAX_CONNECTIONS = 512;
/** Connections whose request is not whole yet. */
const MAX_UNFINISHED = 128;

/** The HTTP side: what the service is asked from outside, and the page. */
export class Server {
  readonly access: Access;
  readonly #options: ServerOptions;
  readonly #app: FastifyInstance;
  readonly #streams: LiveStreams;
  readonly #identities = new WeakMap<FastifyRequest, Identity>();

  constructor(options: ServerOptions) {
    const { service, tokens, host, requireToken, logger } = options;
    const { trustProxy = false, basePath = '/' } = options;
    const proxies = trusted(trustProxy);
    this.#options = options;
    const { fleetSecret: secret } = options;
    const loopbackIsAdmin = isLoopbackHost(host) && !requireToken && proxies === false;
    this.access =
      secret === undefined
        ? new Access({ tokens, loopbackIsAdmin, basePath })
        : new FleetAccess({ tokens, loopbackIsAdmin: false, secret });
    this.#streams = new LiveStreams(service, options.limits);
    this.#app = Fastify({
      loggerInstance: logger,
      trustProxy: proxies,
      rewriteUrl: ({ url = '/' }) => withoutBase(url, basePath),
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit: BODY_LIMIT,
      requestTimeout: 30_000,
      forceCloseConnections: true,
      // Longer than any id: the check of ids refuses the rest.
      routerOptions: { maxParamLength: 200 },
      exposeHeadRoutes: false,
      frameworkErrors: (error, _, reply) => void answerError(error, reply),
      clientErrorHandler: answerNoRequest,
      http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    });
  }

  /**
   * @returns its address, as a browser takes it
   * @throws UserError where the port is taken or may not be used
   */
  async listen(): Promise<string> {
    const { host, port, page = builtPage, basePath = '/' } = this.#options;
    const app = this.#app;
    app.removeContentTypeParser('text/plain');
    await app.register(fastifyCookie);
    await setSecurityHeaders(app);
    app.addHook('onRequest', async (_, reply) => {
      reply.header('cache-control', 'no-store');
    });
    app.addHook('onResponse', async (request, reply) => {
      const { method, url: route } = request.routeOptions;
      const ms = Math.round(reply.elapsedTime);
      request.log.debug({ method, route, status: reply.statusCode, ms }, 'request');
    });
    app.setErrorHandler((error, _, reply) => answerError(error, reply));
    for (const row of routes) this.#add(row);
    await servePage(app, page, basePath);
    app.server.maxConnections = MAX_CONNECTIONS;
    boundUnfinishedRequests(app.server, MAX_UNFINISHED);
    try {
      await app.listen({ host, port });
    } catch (error) {
      throw listenError(error, host, port);
    }
    const bound = app.server.address() as { port: number };
    return `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
  }

  /** Cuts streams and connections, then waits until the port is free. */
  async close(): Promise<void> {
    this.#streams.close();
    await this.#app.close();
  }

  #add(row: Route): void {
    const { service: parts, checkAnswers = false } = this.#options;
    const { cameras, fleet, sources, events, inbox, links, publicAddress } = parts;
    const { actions, notifier, rehearsals, store } = parts;
    const { settings, health, metrics, live, schedule } = parts;
    const served = {
      cameras,
      fleet,
      sources,
      events,
      inbox,
      links,
      publicAddress,
      actions,
      notifier,
      rehearsals,
      store,
      settings,
      health,
      metrics,
      live,
      schedule,
    };
    const { access } = this;
    const streams = this.#streams;
    this.#app.route({
      method: row.method,
      url: row.path,
      exposeHeadRoute: row.method === 'GET' && isFile(row.answer),
      onRequest: async (request) => {
        const identity = guard(row, access, request);
        if (identity) this.#identities.set(request, identity);
      },
      handler: async (request, reply) => {
        const identity = this.#identities.get(request);
        const recorded: Recorded[] = [];
        const params = checked(row.params, request.params);
        const body = checked(row.body, request.body);
        requireSeen(params, identity, parts);
        if (await this.#answeredByWorker(row, params, { request, reply, identity })) return reply;
        const answer = await row.handler({
          ...served,
          access,
          streams,
          identity,
          seen: identity?.cameras ?? null,
          sees: (camera) => maySee(identity, camera),
          owner: identity?.owner ?? 'nobody',
          record: (deed) => recorded.push(deed),
          anyPushService: this.#options.anyPushService ?? false,
          request,
          reply,
          params,
          query: checked(row.query, request.query),
          body,
        });
        recordDeeds(parts.store, row, { identity, recorded, params, body });
        if (answer === reply) return reply;
        if (row.answer.status === 204) return reply.code(204).send();
        if (checkAnswers && 'schema' in row.answer) row.answer.schema.parse(answer);
        if (row.answer.status === 201) reply.code(201);
        return answer;
      },
    });
  }

  /** @throws NoWorker where there is none, and nobody else can answer */
  async #answeredByWorker(
    { life }: Route,
    params: unknown,
    call: { request: FastifyRequest; reply: FastifyReply; identity: Identity | undefined },
  ): Promise<boolean> {
    const { fleet, cameras } = this.#options.service;
    const { identity } = call;
    if (life === undefined || !fleet || !identity) return false;
    const { camera } = params as { camera: string };
    if (await fleet.forward(camera, { ...call, identity })) return true;
    if (life === 'only' && cameras.status(camera)) throw new NoWorker(cameras.name(camera));
    return false;
  }
}

/** Pictures and clips, of which a program may ask the head alone. */
const isFile = (answer: Answer): boolean =>
  'media' in answer && answer.media.every((media) => /^(image|video)\//.test(media));

function trusted(proxies: boolean | readonly string[]): false | string[] {
  if (typeof proxies === 'boolean') return proxies && ['loopback'];
  for (const proxy of proxies)
    if (!isAddressRange(proxy))
      throw new UserError(
        `${proxy}: is not the address of a proxy; give an address, a range such as 10.0.0.0/8, loopback, linklocal or uniquelocal`,
      );
  return [...proxies];
}

function isAddressRange(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...more] = text.split('/');
  const longest = isIP(address) === 4 ? 32 : 128;
  const sized = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  return isIP(address) !== 0 && sized && more.length === 0;
}

function withoutBase(url: string, basePath: string): string {
  if (url.startsWith(basePath)) return url.slice(basePath.length - 1);
  return `${url}/` === basePath ? '/' : url;
}

function checked(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (!result.success) throw new BadRequest(issueLine(result.error));
  return result.data;
}

function listenError(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new UserError(`${host}:${port}: the port is taken; choose another by --port`);
    case 'EACCES':
      return new UserError(`${host}:${port}: may not be used; choose a port above 1023 by --port`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UserError(
        `${host}: is not an address of this machine; choose another with --host`,
      );
    default:
      return error;
  }
}
