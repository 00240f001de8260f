import { type AddressInfo, createServer, type Socket } from 'node:net';

/**
 * An RTSP server over TCP, which the server from npm cannot: what one publisher records is relayed to
 * all who play it. A test makes it mute, or drops its players.
 */
export class RtspRelay {
  /** Players get no more packets, and new ones no answer. */
  mute = false;
  readonly #players = new Set<Socket>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));
  #sdp = '';

  get url(): string {
    return `rtsp://127.0.0.1:${(this.#server.address() as AddressInfo).port}/camera`;
  }

  /** Whether there is anything to play. */
  get isPublished(): boolean {
    return this.#sdp !== '';
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  drop(): void {
    for (const player of this.#players) player.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#players.delete(socket);
      this.#sockets.delete(socket);
    });
    let waiting = Buffer.alloc(0);
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data]);
      for (;;) {
        const length = this.#lengthOf(waiting);
        if (length === undefined || length > waiting.length) return;
        const message = waiting.subarray(0, length);
        waiting = waiting.subarray(length);
        if (message[0] !== 0x24) this.#answer(socket, message.toString('latin1'));
        else if (!this.mute) for (const player of this.#players) player.write(message);
      }
    });
  }

  /** Bytes of the first message: a packet that begins with $, or a request with its body. */
  #lengthOf(bytes: Buffer): number | undefined {
    if (bytes[0] === 0x24) return bytes.length < 4 ? undefined : 4 + bytes.readUInt16BE(2);
    const head = bytes.indexOf('\r\n\r\n');
    if (head < 0) return undefined;
    const body = bytes.toString('latin1', 0, head).match(/content-length: *(\d+)/i);
    return head + 4 + Number(body?.[1] ?? 0);
  }

  #answer(socket: Socket, request: string): void {
    const [head = '', body = ''] = request.split('\r\n\r\n');
    const method = head.split(' ')[0];
    const header = (name: string) => head.match(new RegExp(`^${name}: *(.*)$`, 'im'))?.[1] ?? '';
    if (method === 'ANNOUNCE') this.#sdp = body;
    else if (this.mute) return;
    if (method === 'PLAY') this.#players.add(socket);
    const told = method === 'DESCRIBE' ? this.#sdp : '';
    const lines = [
      'RTSP/1.0 200 OK',
      `CSeq: ${header('cseq')}`,
      'Session: 1',
      ...(method === 'OPTIONS'
        ? ['Public: DESCRIBE, SETUP, PLAY, ANNOUNCE, RECORD, TEARDOWN']
        : []),
      ...(method === 'SETUP' ? [`Transport: ${header('transport')}`] : []),
      ...(told ? ['Content-Type: application/sdp', `Content-Length: ${told.length}`] : []),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${told}`);
  }
}
