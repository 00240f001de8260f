import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Bytes of each TCP connection that its other end has not taken yet, by {@link connectionKey}. Only
 * Linux tells; elsewhere it is empty.
 */
export function untakenBytes(): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of linesOf(table)) {
      const [, local, remote, , queues] = line.trim().split(/\s+/);
      const key = `${portOf(local)} ${portOf(remote)}`;
      if (bytes.has(key)) ambiguous.add(key);
      bytes.set(key, Number.parseInt(queues?.split(':')[0] ?? '', 16));
    }
  for (const key of ambiguous) bytes.delete(key);
  return bytes;
}

export const connectionKey = ({ localPort, remotePort }: Socket): string =>
  `${localPort} ${remotePort}`;

function linesOf(table: string): string[] {
  try {
    return readFileSync(table, 'latin1').split('\n').slice(1, -1);
  } catch {
    return [];
  }
}

const portOf = (address: string | undefined) =>
  Number.parseInt(address?.split(':').at(-1) ?? '', 16);

/**
 * Whether the other end of a connection still reads. The system keeps megabytes for one that does
 * not, so that a full pipe alone shows it far too late.
 */
export class ReadingProgress {
  readonly #socket: Pick<Socket, 'bytesWritten' | 'writableLength'>;
  readonly #patience: number;
  #taken = -1;
  #since = 0;

  /** @param patience milliseconds that it may leave what it was sent */
  constructor(socket: Pick<Socket, 'bytesWritten' | 'writableLength'>, patience: number) {
    this.#socket = socket;
    this.#patience = patience;
  }

  /**
   * @param untaken by {@link untakenBytes}; undefined where that is not known
   * @param now milliseconds by a clock that only rises
   */
  stalled(untaken: number | undefined, now: number): boolean {
    if (untaken === undefined) return false;
    const { bytesWritten, writableLength } = this.#socket;
    const taken = bytesWritten - writableLength - untaken;
    if (untaken + writableLength === 0 || taken !== this.#taken) {
      this.#taken = taken;
      this.#since = now;
      return false;
    }
    return now - this.#since >= this.#patience;
  }
}
