import { type IncomingHttpHeaders, request } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { Server, type ServerOptions } from '../../../src/service/api/server.ts';
import { type Staged, stageService } from '../staged-service.ts';

export interface Asked {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly json: any;
}

/** Asks a server over a socket, with any headers at all; of a stream the first chunk is the answer. */
export function ask(
  address: string,
  method: string,
  path: string,
  { token, headers = {}, body }: Asked = {},
): Promise<Answered> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asking = request(`${address}${path}`, {
      method,
      agent: false,
      headers: {
        ...(sent !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(sent as string),
        }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
    asking.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      const end = () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        const isJson = response.headers['content-type']?.startsWith('application/json');
        const json = isJson ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode!, headers: response.headers, bytes, text, json });
      };
      response.on('error', reject).on('end', end);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (response.headers['content-type'] !== 'text/event-stream') return;
        end();
        asking.destroy();
      });
    });
    asking.end(sent);
  });
}

export interface Running extends Omit<Staged, 'close'> {
  readonly server: Server;
  readonly address: string;
  readonly admin: string;
  readonly viewer: string;
  /** As an admin, by a token. */
  ask(method: string, path: string, asked?: Asked): Promise<Answered>;
}

/** A server on a staged service for all tests of a file; a token is needed unless told otherwise. */
export function runningServer(options: Partial<ServerOptions> = {}): () => Running {
  let running: Running;
  let close: Staged['close'];
  beforeAll(async () => {
    const staged = await stageService({ events: 120 });
    const { service } = staged;
    close = staged.close;
    const server = new Server({
      service,
      tokens: service.store,
      host: '127.0.0.1',
      port: 0,
      requireToken: true,
      logger: pino({ level: 'silent' }),
      checkAnswers: true,
      ...options,
    });
    const address = await server.listen();
    const admin = server.access.addToken('test', 'admin').token;
    const viewer = server.access.addToken('test', 'viewer').token;
    running = {
      ...staged,
      server,
      address,
      admin,
      viewer,
      ask: (method, path, asked) => ask(address, method, path, { token: admin, ...asked }),
    };
  });
  afterAll(async () => {
    await running.server.close();
    await close();
  });
  return () => running;
}
