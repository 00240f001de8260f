import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes what webhooks tell, and keeps it. */
export class WebhookReceiver {
  readonly bodies: { readonly id: string; readonly event?: { readonly id: string } }[] = [];
  /** What it answers. */
  status = 204;
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        if (this.status < 300) this.bodies.push(JSON.parse(text));
        response.writeHead(this.status).end();
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** Ids of the events that it was told of. */
  get events(): Set<string> {
    return new Set(this.bodies.flatMap(({ event }) => event?.id ?? []));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
