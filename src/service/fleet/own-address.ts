import { connect } from 'node:net';

const PATIENCE = 3000;

/**
 * The address of this machine on its way to the database, at which other machines of the fleet will most
 * likely reach it, too; loopback where that cannot be found out.
 */
export function ownAddress(database: string): Promise<string> {
  const { hostname, port } = new URL(database);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname || 'localhost', port: Number(port || 5432) });
    const end = (address = '127.0.0.1') => {
      socket.destroy();
      resolve(address);
    };
    socket.setTimeout(PATIENCE, () => end());
    socket.once('error', () => end());
    socket.once('connect', () => end(socket.localAddress));
  });
}

/**
 * Where others reach a program.
 * @param listening the address that it listens on
 * @param own its machine's, for one that listens on every address, as in a container
 */
export function reachedAt(listening: string, own: string): string {
  const url = new URL(listening);
  if (url.hostname !== '0.0.0.0' && url.hostname !== '[::]') return listening;
  url.hostname = own.includes(':') ? `[${own}]` : own;
  return url.origin;
}
