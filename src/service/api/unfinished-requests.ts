import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections whose request is not whole yet: of more, the oldest is cut. Somebody who
 * opens hundreds and sends half a head shuts nobody else out, since a whole request takes milliseconds.
 */
export function boundUnfinishedRequests(server: Server, most: number): void {
  /** The oldest first. */
  const unfinished = new Set<Socket>();
  const begin = (socket: Socket) => {
    unfinished.add(socket);
    if (unfinished.size <= most) return;
    const [oldest] = unfinished;
    unfinished.delete(oldest!);
    oldest!.destroy();
  };
  server.on('connection', (socket: Socket) => {
    begin(socket);
    socket.once('close', () => unfinished.delete(socket));
  });
  server.on('request', (request: IncomingMessage) => {
    const { socket, headers } = request;
    const hasBody = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'];
    if (!hasBody) unfinished.delete(socket);
    else request.once('end', () => unfinished.delete(socket));
  });
}
