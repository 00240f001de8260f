import type { FastifyReply } from 'fastify';
import type { Identity } from '../access/access.ts';
import { CannotStore } from '../parts.ts';
import { LiveStream, type WrittenMessage, writeMessage } from './live-stream.ts';
import { connectionKey, ReadingProgress, untakenBytes } from './reading-progress.ts';
import type { ServedParts } from './served-parts.ts';

export interface StreamLimits {
  /** Streams that may be open; default 32. */
  readonly streams?: number;
  /** From one address, and by one token; default 8. */
  readonly perAddress?: number;
  /** Of all, those that are kept for admins; default 8. */
  readonly forAdmins?: number;
  /** Milliseconds between two signs of life; default 15,000. */
  readonly beat?: number;
  /** Milliseconds that a reader may leave what it was sent; default 30,000. */
  readonly patience?: number;
}

/** There are as many streams as there may be. */
export class TooManyStreams extends Error {
  override readonly name = 'TooManyStreams';
}

interface Reader {
  readonly stream: LiveStream;
  readonly address: string;
  readonly token: string | undefined;
  readonly progress: ReadingProgress;
  readonly connection: string;
  readonly camera: string | undefined;
  /** Ids of the cameras that it may see; null: all. */
  readonly seen: readonly string[] | null;
  readonly holds: () => boolean;
}

/** All open streams of live messages. */
export class LiveStreams {
  readonly #parts: Pick<ServedParts, 'cameras' | 'health'>;
  readonly #limits: Required<StreamLimits>;
  readonly #readers = new Set<Reader>();
  readonly #silence: () => void;
  readonly #beat: NodeJS.Timeout;
  #dropped = 0;

  constructor(parts: Pick<ServedParts, 'cameras' | 'health' | 'live'>, limits: StreamLimits = {}) {
    this.#parts = parts;
    this.#limits = {
      streams: 32,
      perAddress: 8,
      forAdmins: 8,
      beat: 15_000,
      patience: 30_000,
      ...limits,
    };
    this.#silence = parts.live.listen((message) => {
      if (this.#readers.size > 0) this.#broadcast(writeMessage(message));
    });
    this.#beat = setInterval(() => this.#beatAll(), this.#limits.beat);
  }

  /** Open streams, and scores dropped for slow readers. */
  get counts(): { readonly open: number; readonly dropped: number } {
    return { open: this.#readers.size, dropped: this.#dropped };
  }

  /**
   * Answers by a stream that goes on until its reader leaves, is too slow, or may read no more; it
   * starts with every camera.
   * @param holds whether the reader may still read, asked at every sign of life
   * @throws TooManyStreams
   */
  open(
    reply: FastifyReply,
    address: string,
    camera: string | undefined,
    holds: () => boolean,
    identity?: Pick<Identity, 'role' | 'tokenHash'> & Partial<Pick<Identity, 'cameras'>>,
  ): void {
    const seen = identity?.cameras ?? null;
    this.#requireRoom(address, identity);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
      // Nginx would hold it back.
      'x-accel-buffering': 'no',
    });
    const stream = new LiveStream(raw, this.#limits.patience, () => (this.#dropped += 1));
    const socket = raw.socket!;
    const reader = {
      stream,
      address,
      token: identity?.tokenHash,
      camera,
      seen,
      holds,
      progress: new ReadingProgress(socket, this.#limits.patience),
      connection: connectionKey(socket),
    };
    this.#readers.add(reader);
    raw.on('close', () => this.#readers.delete(reader));
    for (const data of this.#parts.cameras.all())
      if ((camera === undefined || data.id === camera) && (seen?.includes(data.id) ?? true))
        stream.send(writeMessage({ name: 'camera', data }));
    stream.send(writeMessage({ name: 'notices', data: this.#parts.health.status().notices }));
  }

  /** Cuts them all. */
  close(): void {
    clearInterval(this.#beat);
    this.#silence();
    for (const { stream } of this.#readers) stream.cut();
  }

  #requireRoom(address: string, identity?: Pick<Identity, 'role' | 'tokenHash'>): void {
    const { streams, perAddress, forAdmins } = this.#limits;
    const most = identity?.role === 'viewer' ? streams - forAdmins : streams;
    if (this.#readers.size >= most)
      throw new TooManyStreams(`${most} streams are open, more may not be`);
    const token = identity?.role === 'viewer' ? identity.tokenHash : undefined;
    const ofToken = [...this.#readers].filter((reader) => token && reader.token === token).length;
    if (ofToken >= perAddress)
      throw new TooManyStreams(`${perAddress} streams of this token are open; close some pages`);
    const own = [...this.#readers].filter((reader) => reader.address === address).length;
    if (own >= perAddress)
      throw new TooManyStreams(`${perAddress} streams of this address are open; close some pages`);
  }

  #broadcast(message: WrittenMessage): void {
    for (const { stream, camera, seen } of this.#readers) {
      const of = message.camera;
      const wanted = camera === undefined || of === undefined || camera === of;
      if (wanted && (of === undefined || (seen?.includes(of) ?? true))) stream.send(message);
    }
  }

  #beatAll(): void {
    if (this.#readers.size === 0) return;
    const untaken = untakenBytes();
    const now = performance.now();
    for (const { stream, holds, progress, connection } of this.#readers)
      if (!stillHolds(holds) || progress.stalled(untaken.get(connection), now)) stream.cut();
      else stream.beat();
  }
}

/** A damaged database cannot say; who was let in is not shut out by that. */
function stillHolds(holds: () => boolean): boolean {
  try {
    return holds();
  } catch (error) {
    if (error instanceof CannotStore) return true;
    throw error;
  }
}
