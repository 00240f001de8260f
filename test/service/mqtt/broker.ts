import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { onTestFinished } from 'vitest';

/** A server of TCP that ends with its connections, by the end of the test at the latest. */
export async function listening(server: Server, port = 0) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}

/** A real broker, and all that it was told: in order, and the newest of each topic. */
export async function broker(port = 0, password?: string, tls?: TlsOptions) {
  const aedes = await Aedes.createBroker();
  const told: { topic: string; payload: string; retain: boolean }[] = [];
  const newest = new Map<string, string>();
  const clients: Client[] = [];
  aedes.on('client', (client) => void clients.push(client));
  aedes.on('publish', ({ topic, payload, retain }) => {
    if (topic.startsWith('$SYS')) return;
    told.push({ topic, payload: payload.toString(), retain });
    newest.set(topic, payload.toString());
  });
  /** What clients sent, as it came; Aedes deals with it side by side, so `told` may differ. */
  const arrived: { topic: string; payload: string }[] = [];
  aedes.authorizePublish = (_client, { topic, payload }, done) => {
    arrived.push({ topic, payload: payload.toString() });
    done(null);
  };
  if (password !== undefined)
    aedes.authenticate = (_client, name, given, done) => {
      const good = name === 'cameras' && given?.toString() === password;
      done(
        good ? null : (Object.assign(new Error(), { returnCode: 5 }) as AuthenticateError),
        good,
      );
    };
  const { close, ...server } = await listening(
    tls ? createTlsServer(tls, aedes.handle) : createServer(aedes.handle),
    port,
  );
  const send = (topic: string, payload: string) =>
    aedes.publish(
      { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false },
      () => undefined,
    );
  const closed = async () => {
    await close();
    await new Promise<void>((resolve) => aedes.close(resolve));
  };
  onTestFinished(closed);
  /** Publishes what is kept; `asKept`: also those who subscribed before are told that it was. */
  const leave = async (topic: string, payload: string, { asKept = false } = {}) => {
    const packet = { cmd: 'publish', qos: 0, dup: false, retain: true } as const;
    const message = { ...packet, topic, payload: Buffer.from(payload) };
    await new Promise<void>((resolve, reject) =>
      aedes.publish(message, (error) => (error ? reject(error) : resolve())),
    );
    if (!asKept) return;
    for (const client of clients) client.publish(message, () => undefined);
  };
  return { ...server, told, arrived, newest, leave, send, close: closed };
}
