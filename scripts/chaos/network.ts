import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { mutateBytes, type Random } from './mutate.ts';
import type { NetworkKind } from './tries.ts';

const crlf = (...lines: string[]) => `${lines.join('\r\n')}\r\n`;

const sdp = crlf(
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=video 0 RTP/AVP 26',
  'a=control:track1',
);

/** What a well-behaved peer would send at once, whatever it is asked. */
function answers(kind: NetworkKind, jpeg: Buffer): Buffer {
  switch (kind) {
    case 'http': {
      const head = crlf(
        'HTTP/1.1 200 OK',
        'Content-Type: multipart/x-mixed-replace; boundary=b',
        '',
      );
      const part = Buffer.concat([
        Buffer.from(crlf('--b', 'Content-Type: image/jpeg', `Content-Length: ${jpeg.length}`, '')),
        jpeg,
        Buffer.from('\r\n'),
      ]);
      return Buffer.concat([Buffer.from(head), ...Array<Buffer>(8).fill(part)]);
    }
    case 'rtsp':
      return Buffer.from(
        crlf('RTSP/1.0 200 OK', 'CSeq: 1', 'Public: DESCRIBE, SETUP, PLAY', '') +
          crlf(
            'RTSP/1.0 200 OK',
            'CSeq: 2',
            'Content-Type: application/sdp',
            `Content-Length: ${sdp.length}`,
            '',
          ) +
          sdp +
          crlf(
            'RTSP/1.0 200 OK',
            'CSeq: 3',
            'Session: 1',
            'Transport: RTP/AVP/TCP;interleaved=0-1',
            '',
          ),
      );
    case 'webhook':
      return Buffer.from(
        crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '2', '{}', '0', ''),
      );
    case 'mqtt':
      // CONNACK, SUBACK, PINGRESP.
      return Buffer.from([0x20, 2, 0, 0, 0x90, 3, 0, 1, 0, 0xd0, 0]);
    default:
      kind satisfies never;
      throw new Error(`${kind}: is no kind of peer`);
  }
}

/** A peer that answers nonsense. */
export class OddPeer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #kind: NetworkKind = 'http';
  #random: Random | undefined;

  /** @param jpeg a picture that cameras send */
  constructor(jpeg: Buffer) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      socket.once('data', () => {
        const random = this.#random!;
        socket.write(mutateBytes(answers(this.#kind, jpeg), random));
        if (random.next() < 0.5) socket.end();
      });
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** Answers as such a peer from now on. @returns its address */
  as(kind: NetworkKind, random: Random): string {
    this.#kind = kind;
    this.#random = random;
    const { port } = this.#server.address() as AddressInfo;
    const scheme = kind === 'webhook' ? 'http' : kind;
    return `${scheme}://127.0.0.1:${port}/`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
