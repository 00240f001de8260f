import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { busyWords, threadTimes } from './busy.ts';
import type { FromChild, ToChild } from './messages.ts';

export interface SupervisedOptions {
  /** What it is called where a person reads of it: `decoder of Front door`. */
  readonly name: string;
  /** The program: a file that calls `superviseThis`. */
  readonly module: URL;
  readonly args?: readonly string[];
  /** Resident memory above which it is ended, in bytes; default 1 GB. */
  readonly memoryLimit?: number;
  /** Milliseconds between two questions whether it lives; default 1000. */
  readonly beat?: number;
  /** Milliseconds without an answer after which it is ended; default 6000. */
  readonly patience?: number;
  /**
   * Milliseconds that it may be silent until its first sign of life, and while it waits for its turn on
   * a busy machine; default 120,000, or five times `patience` where that is more.
   */
  readonly busyPatience?: number;
  /** Milliseconds before the first restart, doubled for each further one until it lived for a minute; default 250. */
  readonly restartDelay?: number;
  /** Restarts within a minute after which it is given up; default 5. */
  readonly restartsAMinute?: number;
  /** Nice value: larger is less important. Default 0. */
  readonly nice?: number;
}

/** How a child stands: what its owner shows, and reacts to. */
export type ChildState = 'starting' | 'running' | 'waiting' | 'given up' | 'stopped';

/** Notifications about a child. None of these may throw. */
export interface ChildListener<Message> {
  /** It runs and receives messages; after a restart it has none of the earlier ones. */
  onReady(): void;
  onMessage(message: Message): void;
  /**
   * It ended by itself, for a reason in one line. It is restarted, unless it was given
   * up: then only `start` does.
   */
  onLost(reason: string, givenUp: boolean): void;
}

const MINUTE = 60_000;

/** How many times as patient a busy machine makes. */
const BUSY_TIMES = 5;

/** The longest wait before a restart, in milliseconds. */
const LONGEST_DELAY = 60_000;

/**
 * A process that does what may crash, hang or grow: it is asked for a sign of life, ended with
 * SIGKILL where it gives none or takes too much memory, and started again after growing waits, at
 * most so many times a minute. One that only waits for its turn on a busy machine is not taken for
 * dead. A child whose parent is gone ends by itself.
 */
export class SupervisedProcess<Order, Message> {
  readonly #options: Required<SupervisedOptions>;
  readonly #listener: ChildListener<Message>;
  #child: ChildProcess | undefined;
  #state: ChildState = 'stopped';
  #reason: string | undefined;
  /** Questions in a row that it did not answer. */
  #unanswered = 0;
  #beat: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  readonly #restarts: number[] = [];
  /** Restarts since it last lived for a minute. */
  #failures = 0;
  #readyAt: number | undefined;
  /** Processor time of its main thread at its last heartbeat, in milliseconds. */
  #ownMs = 0;
  #residentBytes = 0;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: SupervisedOptions, listener: ChildListener<Message>) {
    this.#options = {
      args: [],
      memoryLimit: 1e9,
      beat: 1000,
      patience: 6000,
      busyPatience: Math.max(120_000, BUSY_TIMES * (options.patience ?? 0)),
      restartDelay: 250,
      restartsAMinute: 5,
      nice: 0,
      ...options,
    };
    this.#listener = listener;
  }

  get state(): ChildState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resident memory by its last sign of life, in bytes. */
  get residentBytes(): number {
    return this.#residentBytes;
  }

  /** Does nothing where it runs already, or waits for its restart. */
  start(): void {
    if (this.#state !== 'stopped' && this.#state !== 'given up') return;
    this.#restarts.length = 0;
    this.#failures = 0;
    this.#spawn();
  }

  /** Ends it at once; settles when it is gone. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#restart);
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /**
   * Sends it a message. Messages are dropped while it does not run; the owner sends what matters again when
   * it is ready.
   * @returns false where it was dropped, or the pipe to it is full and the owner should wait
   */
  send(order: Order): boolean {
    if (this.#state !== 'running' || !this.#child?.connected) return false;
    return this.#child.send({ order } satisfies ToChild<Order>, () => undefined);
  }

  #spawn(): void {
    this.#state = 'starting';
    this.#reason = undefined;
    this.#unanswered = 0;
    this.#ownMs = 0;
    this.#readyAt = undefined;
    const { module, args, nice } = this.#options;
    let child: ChildProcess;
    try {
      child = fork(fileURLToPath(module), [String(nice), ...args], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: [],
        // A warning would pass for the reason of its end.
        env: { ...process.env, NODE_NO_WARNINGS: '1' },
      });
    } catch (error) {
      // No memory, no process or no file more to be had: it is tried again as any other.
      this.#reason = `cannot be started: ${(error as Error).message}`;
      this.#lost('', '');
      return;
    }
    this.#child = child;
    let lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-4000);
    });
    child.on('message', (message) => {
      if (this.#child === child) this.#receive(message as FromChild<Message>);
    });
    child.on('error', (error) => (this.#reason ??= error.message));
    this.#exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        resolve();
        if (this.#child === child) this.#lost(signal ?? `code ${code}`, lineOf(lastWords));
      });
    });
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#ask(child), this.#options.beat);
  }

  #receive(message: FromChild<Message>): void {
    this.#unanswered = 0;
    this.#ownMs = Number.NaN;
    if ('message' in message) {
      if (this.#state === 'running') this.#listener.onMessage(message.message);
      return;
    }
    this.#residentBytes = message.residentBytes;
    if (this.#state === 'starting') {
      this.#state = 'running';
      this.#readyAt = performance.now();
      this.#listener.onReady();
    }
    const { memoryLimit } = this.#options;
    if (message.residentBytes > memoryLimit) {
      const megabytes = (bytes: number) => Math.round(bytes / 1e6);
      this.#end(
        `took ${megabytes(message.residentBytes)} MB of memory, more than ${megabytes(memoryLimit)}`,
      );
    }
  }

  #ask(child: ChildProcess): void {
    // Questions are counted, not time: an owner that was held up itself has not listened either.
    const silent = this.#unanswered++ * this.#options.beat;
    const { patience, busyPatience } = this.#options;
    const waits = silent > patience && silent <= busyPatience && this.#mayWait(child);
    if (silent > patience && !waits) {
      const seconds = `${Math.round(silent / 1000)} s`;
      const busy = busyWords();
      const what =
        this.#state === 'starting'
          ? `did not start within ${seconds}`
          : `gave no sign of life for ${seconds}`;
      this.#end(busy === undefined ? what : `${what} (${busy})`);
    } else if (child.connected)
      child.send({ ping: true } satisfies ToChild<Order>, () => undefined);
    if (Number.isNaN(this.#ownMs)) this.#ownMs = threadTimes(child.pid ?? 0)?.ownMs ?? 0;
  }

  /** Whether it is silent only since it starts, or has not had its turn: an endless loop uses its turns up. */
  #mayWait(child: ChildProcess): boolean {
    if (this.#state === 'starting') return true;
    const { runnable = false, ownMs = 0 } = threadTimes(child.pid ?? 0) ?? {};
    return runnable && ownMs - this.#ownMs < this.#options.patience;
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.#child?.kill('SIGKILL');
  }

  #lost(how: string, lastLine: string): void {
    clearInterval(this.#beat);
    this.#child = undefined;
    this.#residentBytes = 0;
    if (this.#state === 'stopped') return;
    const ending = lastLine ? `ended: ${lastLine}` : `ended with ${how}`;
    const reason = `${this.#options.name} ${this.#reason ?? ending}`;
    const now = performance.now();
    while (this.#restarts[0]! < now - MINUTE) this.#restarts.shift();
    if (this.#readyAt !== undefined && now - this.#readyAt >= MINUTE) this.#failures = 0;
    const { restartsAMinute, restartDelay } = this.#options;
    if (this.#restarts.length >= restartsAMinute) this.#state = 'given up';
    else {
      this.#state = 'waiting';
      const delay = Math.min(LONGEST_DELAY, restartDelay * 2 ** Math.min(this.#failures++, 20));
      this.#restart = setTimeout(() => this.#spawn(), delay);
      this.#restarts.push(now);
    }
    this.#listener.onLost(reason, this.#state === 'given up');
  }
}

/** The line that says most of what a process left on stderr: its error, or else the last one. */
function lineOf(lastWords: string): string {
  const lines = lastWords.split('\n').filter((line) => line.trim());
  const error = lines.findLast((line) => /^(\w*Error\b|FATAL ERROR).*:/.test(line));
  return (error ?? lines.at(-1) ?? '').trim().slice(0, 300);
}
