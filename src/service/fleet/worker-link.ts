import { setTimeout as pause } from 'node:timers/promises';
import { growingWait } from '../../backoff.ts';
import { fleetHeaders, fleetMember } from '../access/fleet-access.ts';
import { type LiveMessage, liveMessages } from '../contract/live.ts';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5000;

/** Milliseconds without a sign of life after which a line counts as dead; workers beat every 15 s. */
const SILENT = 40_000;

export interface WorkerLinkListener {
  onMessage(message: LiveMessage): void;
  onConnected(connected: boolean): void;
}

/** What a worker says live, as its page would hear it; the line is opened again when it is cut. */
export class WorkerLink {
  readonly #address: string;
  readonly #secret: string;
  readonly #listener: WorkerLinkListener;
  readonly #end = new AbortController();

  constructor(address: string, secret: string, listener: WorkerLinkListener) {
    this.#address = address;
    this.#secret = secret;
    this.#listener = listener;
    void this.#stayOpen();
  }

  close(): void {
    this.#end.abort();
  }

  async #stayOpen(): Promise<void> {
    const { signal } = this.#end;
    for (let times = 0; !signal.aborted; times++) {
      try {
        await this.#read(() => {
          times = 0;
          this.#listener.onConnected(true);
        });
      } catch {
        // It is tried again below; whether the worker lives is for its leases to say.
      }
      this.#listener.onConnected(false);
      const wait = growingWait(FIRST_WAIT, LONGEST_WAIT, times);
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  async #read(onOpen: () => void): Promise<void> {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#end.signal, silence.signal]);
    const headers = fleetHeaders(this.#secret, fleetMember);
    let timer = setTimeout(() => silence.abort(), SILENT);
    try {
      const { ok, body } = await fetch(`${this.#address}/api/stream`, { headers, signal });
      if (!ok || !body) return;
      onOpen();
      let text = '';
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT);
        text += chunk;
        const messages = text.split('\n\n');
        text = messages.pop()!;
        for (const message of messages) this.#hear(message);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** A newer worker may say more than we understand. */
  #hear(text: string): void {
    const name = /^event: (.*)$/m.exec(text)?.[1] as LiveMessage['name'] | undefined;
    const data = /^data: (.*)$/m.exec(text)?.[1];
    if (name === undefined || data === undefined || !Object.hasOwn(liveMessages, name)) return;
    const parsed = liveMessages[name].safeParse(JSON.parse(data));
    if (parsed.success) this.#listener.onMessage({ name, data: parsed.data } as LiveMessage);
  }
}
