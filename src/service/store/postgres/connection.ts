import { extname } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { StoreUnreachable } from '../../parts.ts';
import type { Row, Value } from '../database.ts';
import type { ConnectionOptions, StatementAnswer, StatementFault } from './messages.ts';

/** Milliseconds between two looks whether a database that was lost is back. */
const LOOK = 500;

/** A database that does not answer. */
interface Lost {
  readonly reason: string;
  /** The statement that asks whether it is back, and when it was asked last. */
  asked: number | undefined;
  looked: number;
}

/** Milliseconds that the thread itself may take to start, on a machine that is busy. */
const STARTS = 30_000;

/** A statement that PostgreSQL refused. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string | undefined;

  constructor({ message, code }: StatementFault) {
    super(message);
    this.code = code;
  }
}

/**
 * A connection whose answers are waited for, as SQLite's are: nothing else of this thread runs between two
 * statements of a transaction. That wait is bounded; while the database is lost nobody waits at all.
 */
export class Connection {
  readonly #worker: Worker;
  readonly #channel = new MessageChannel();
  readonly #answers = new Int32Array(new SharedArrayBuffer(4));
  /** Milliseconds: to connect, to ask, and for the thread itself. */
  readonly #longest: number;
  #number = 0;
  #lost: Lost | undefined;

  /** @param patience milliseconds that it may take to connect, and to answer */
  constructor(address: string, patience: number) {
    this.#longest = 2 * patience + 1000;
    const { port1: port } = this.#channel;
    const workerData: ConnectionOptions = {
      address,
      patience,
      answers: this.#answers.buffer as SharedArrayBuffer,
      port,
    };
    this.#worker = new Worker(
      new URL(`./connection-thread${extname(import.meta.url)}`, import.meta.url),
      { workerData, transferList: [port], name: 'm2s2l database' },
    );
    this.#worker.unref();
  }

  /**
   * @throws StoreUnreachable where it does not answer
   * @throws Refused
   */
  ask(
    text: string,
    values: readonly Value[] = [],
  ): { readonly rows: Row[]; readonly changed: number } {
    if (this.#lost) this.#requireBack(this.#lost);
    const number = this.#send(text, values);
    const answer = this.#wait(number);
    if (answer === undefined) throw this.#lose('it gives no answer');
    if (!('fault' in answer)) return answer;
    if (answer.fault.disconnected) throw this.#lose(answer.fault.message);
    throw new Refused(answer.fault);
  }

  /**
   * Makes a statement the one that every connection begins with, this one too. It is not waited for:
   * while the database is lost it is the next connection's first.
   */
  begin(text: string, values: readonly Value[]): void {
    this.#send(text, values, true);
  }

  close(): void {
    this.#channel.port2.close();
    void this.#worker.terminate();
  }

  #send(text: string, values: readonly Value[], first = false): number {
    const number = ++this.#number;
    this.#channel.port2.postMessage({ number, text, values, first });
    return number;
  }

  #wait(number: number): StatementAnswer | undefined {
    const starts = Atomics.load(this.#answers, 0) === 0 ? STARTS : 0;
    const end = performance.now() + this.#longest + starts;
    for (;;) {
      const seen = Atomics.load(this.#answers, 0);
      const answer = this.#received(number);
      if (answer) return answer;
      const left = end - performance.now();
      if (left <= 0 || Atomics.wait(this.#answers, 0, seen, left) === 'timed-out') return undefined;
    }
  }

  /** Answers to statements that nobody waits for any more are passed over. */
  #received(number: number): StatementAnswer | undefined {
    for (;;) {
      const next = receiveMessageOnPort(this.#channel.port2) as
        | { readonly message: StatementAnswer }
        | undefined;
      if (next === undefined || next.message.number === number) return next?.message;
    }
  }

  #lose(reason: string): StoreUnreachable {
    this.#lost = { reason, asked: undefined, looked: performance.now() };
    return unreachable(reason);
  }

  /** @throws StoreUnreachable at once where it is not */
  #requireBack(lost: Lost): void {
    const answer = lost.asked === undefined ? undefined : this.#received(lost.asked);
    if (answer && !('fault' in answer)) {
      this.#lost = undefined;
      return;
    }
    if (answer) lost.asked = undefined;
    const now = performance.now();
    if (lost.asked === undefined && now - lost.looked >= LOOK) {
      lost.asked = this.#send('SELECT 1', []);
      lost.looked = now;
    }
    throw unreachable(lost.reason);
  }
}

const unreachable = (reason: string) =>
  new StoreUnreachable(`the database cannot be reached (${reason})`);
