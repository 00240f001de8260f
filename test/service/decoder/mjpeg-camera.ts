import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Size } from '../../../src/video/frame.ts';
import { jpeg, plain } from '../../video/footage.ts';

/** A network camera of JPEGs that does what a test wants of it. */
export class MjpegCamera {
  /** The picture of a moment; a test gives it another size or damages it. */
  picture: (index: number) => Promise<Uint8Array> = (index) => shade(index);
  /** Milliseconds between pictures. */
  interval = 40;
  /** Accepts, and says nothing. */
  mute = false;
  /** Sends headers and pictures up to now, and no further one. */
  stalled = false;
  requests = 0;
  readonly #server = createServer((_, response) => void this.#serve(response));
  #port = 0;

  get url(): string {
    return `http://admin:secret@127.0.0.1:${this.#port}/video`;
  }

  /** @param port the one it had before, to come back on it */
  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Ends all connections. */
  drop(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(response: ServerResponse): Promise<void> {
    this.requests++;
    if (this.mute) return;
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
    response.on('error', () => undefined);
    for (let index = 0; !response.closed; index++) {
      if (!this.stalled) {
        const bytes = await this.picture(index);
        const head = `--next\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes.length}\r\n\r\n`;
        response.write(Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')]));
      }
      await new Promise((resolve) => setTimeout(resolve, this.interval));
    }
  }
}

/** A picture of one gray that tells its index; four colours in the quarters of larger ones tell a misalignment. */
export function shade(index: number, size: Size = { width: 64, height: 48 }): Promise<Buffer> {
  return jpeg(size, plain(size, 40 + (index % 20) * 8));
}
