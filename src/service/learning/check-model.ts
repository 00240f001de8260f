import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import type { CheckedModel } from '../parts.ts';
import { busyWords } from '../process/busy.ts';
import { SupervisedProcess } from '../process/supervised.ts';
import { unlessAborted } from '../process/unless-aborted.ts';
import type { FromCheck, ToCheck } from './messages.ts';

export interface CheckLimits {
  /** Seconds that it may take once its process runs, five times as many on a busy machine; default 60. */
  readonly seconds?: number;
  /** Resident bytes that it may take; default 2.5 GB, as the inference process has. */
  readonly memory?: number;
}

/** How many times as long it may take where the machine is busy. */
const BUSY_TIMES = 5;

/** What is lost by time alone says nothing of the model. */
const silent = /did not start|gave no sign of life/;

const advice = (busy: string | undefined) =>
  busy === undefined ? 'take another model' : `${busy}; try again when it has time`;

/**
 * Tries a model folder in a process of its own: reads it, compiles it and scores a gray picture.
 * @throws UserError with one line where it is no model that can be used; the signal's reason
 */
export async function checkModel(
  folder: string,
  signal: AbortSignal,
  { seconds = 60, memory = 2.5e9 }: CheckLimits = {},
): Promise<CheckedModel> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckedModel>();
  const refuse = (reason: string) => reject(new UserError(reason));
  let timer: NodeJS.Timeout | undefined;
  const limit = (times: number) => {
    timer = setTimeout(
      () => {
        const busy = busyWords();
        if (busy !== undefined && times === 1) limit(BUSY_TIMES);
        else
          refuse(`${folder}: cannot be used: its check took ${times * seconds} s; ${advice(busy)}`);
      },
      1000 * seconds * (times === 1 ? 1 : times - 1),
    );
  };
  const child = new SupervisedProcess<ToCheck, FromCheck>(
    {
      name: 'its check',
      module: new URL(`./check-program${extname(import.meta.url)}`, import.meta.url),
      memoryLimit: memory,
      beat: 100,
      patience: 1000 * seconds,
      restartsAMinute: 0,
    },
    {
      onReady: () => {
        child.send({ folder });
        limit(1);
      },
      onMessage: (message) =>
        message.kind === 'good' ? resolve(message.model) : refuse(message.reason),
      onLost: (reason) =>
        refuse(
          `${folder}: cannot be used: ${reason}; ${advice(silent.test(reason) ? busyWords() : undefined)}`,
        ),
    },
  );
  child.start();
  try {
    return await unlessAborted(promise, signal);
  } finally {
    clearTimeout(timer);
    await child.stop();
  }
}
