import type { Writable } from 'node:stream';
import { UnknownCase } from '../../errors.ts';
import type { LiveMessage } from '../contract/live.ts';
import { shownCamera } from '../secrets/secrets.ts';

/** A message on its way, written once for all who read it. */
export interface WrittenMessage {
  readonly name: LiveMessage['name'];
  /** The camera that it is about, where it is about one. */
  readonly camera: string | undefined;
  /** Later messages of the same key replace earlier ones. */
  readonly key: string;
  readonly text: string;
}

export function writeMessage(message: LiveMessage): WrittenMessage {
  const { camera, id } = subject(message);
  const data = message.name === 'camera' ? shownCamera(message.data) : message.data;
  return {
    name: message.name,
    camera,
    key: `${message.name} ${id}`,
    text: `event: ${message.name}\ndata: ${JSON.stringify(data)}\n\n`,
  };
}

function subject(message: LiveMessage): { camera: string | undefined; id: string } {
  switch (message.name) {
    case 'score':
      return { camera: message.data.camera, id: message.data.camera };
    case 'camera':
    case 'camera removed':
      return { camera: message.data.id, id: message.data.id };
    case 'event':
      return { camera: message.data.camera, id: message.data.id };
    case 'event removed':
      return { camera: undefined, id: message.data.id };
    case 'notices':
    case 'profile':
      return { camera: undefined, id: '' };
    default:
      throw new UnknownCase(message satisfies never);
  }
}

/** Messages that wait for one reader; more are never kept. */
const MAX_WAITING = 500;

/**
 * What one reader is sent. While it does not keep up, only the latest of each key waits: of scores
 * one a camera, and what they replace is counted. One that does not read for `patience` ms is cut.
 */
export class LiveStream {
  readonly #out: Writable;
  readonly #patience: number;
  readonly #onDropped: () => void;
  readonly #waiting = new Map<string, WrittenMessage>();
  #blocked: NodeJS.Timeout | undefined;

  constructor(out: Writable, patience: number, onDropped: () => void) {
    this.#out = out;
    this.#patience = patience;
    this.#onDropped = onDropped;
    out.on('drain', () => this.#flush());
    out.on('close', () => clearTimeout(this.#blocked));
  }

  send(message: WrittenMessage): void {
    if (this.#blocked === undefined) this.#write(message.text);
    else this.#wait(message);
  }

  /** A sign of life, for what lies between that cuts silent connections. */
  beat(): void {
    if (this.#blocked === undefined) this.#write(':\n\n');
  }

  /** Ends it without waiting for its reader. */
  cut(): void {
    clearTimeout(this.#blocked);
    this.#out.destroy();
  }

  #wait(message: WrittenMessage): void {
    if (this.#waiting.get(message.key)?.name === 'score') this.#onDropped();
    // Last in line, so that what was removed and came back does not come before its removal.
    this.#waiting.delete(message.key);
    this.#waiting.set(message.key, message);
    if (this.#waiting.size <= MAX_WAITING) return;
    for (const [key, { name }] of this.#waiting)
      if (name === 'score') {
        this.#waiting.delete(key);
        this.#onDropped();
      }
    if (this.#waiting.size > MAX_WAITING) this.cut();
  }

  #flush(): void {
    clearTimeout(this.#blocked);
    this.#blocked = undefined;
    for (const [key, { text }] of this.#waiting) {
      if (this.#blocked !== undefined) return;
      this.#waiting.delete(key);
      this.#write(text);
    }
  }

  #write(text: string): void {
    if (this.#out.destroyed || this.#out.write(text)) return;
    this.#blocked = setTimeout(() => this.cut(), this.#patience);
  }
}
