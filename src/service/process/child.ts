import { getPriority, setPriority } from 'node:os';
import type { FromChild, ToChild } from './messages.ts';

/** A child's line to its owner. */
export interface Line<Message> {
  /** @returns false where the pipe is full: what can be left out should be, while {@link full}. */
  send(message: Message): boolean;
  /** Whether what was sent last still waits for the owner to read. */
  readonly full: boolean;
}

/**
 * Makes this process one that `SupervisedProcess` owns: it takes orders, answers whether it lives,
 * and ends when its owner is gone. A throw in `onOrder` ends it; its last line on stderr is the reason.
 */
export function superviseThis<Order, Message>(
  onOrder: (order: Order, line: Line<Message>) => void | Promise<void>,
): Line<Message> {
  const nice = Number(process.argv[2]);
  // A service that runs at a lower priority still may not raise that of its children.
  if (nice > getPriority()) setPriority(nice);
  // Ctrl-C in a terminal goes to the whole group; whether a child ends is for its owner to say.
  process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined);
  process.on('disconnect', end);
  process.on('unhandledRejection', fail).on('uncaughtException', fail);
  let waiting = 0;
  let full = false;
  const send = (message: FromChild<Message>) => {
    waiting++;
    const room = process.send?.(message, undefined, undefined, () => {
      if (--waiting === 0) full = false;
    });
    full = !room;
    return !full;
  };
  const line: Line<Message> = {
    send: (message) => send({ message }),
    get full() {
      return full;
    },
  };
  process.on('message', (message: ToChild<Order>) => {
    if ('ping' in message) send({ residentBytes: process.memoryUsage.rss() });
    else void Promise.resolve(onOrder(message.order, line)).catch(fail);
  });
  send({ residentBytes: process.memoryUsage.rss() });
  return line;
}

function fail(error: unknown): void {
  const { message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${message.replaceAll(/\s*\n\s*/g, ' ')}\n`, end);
}

/** `process.exit` would wait for threads that are in a driver or on the network. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
