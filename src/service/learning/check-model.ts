import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import type { CheckedModel } from '../parts.ts';
import { SupervisedProcess } from '../process/supervised.ts';
import type { FromCheck, ToCheck } from './messages.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface CheckLimits {
  /** Seconds that it may take; default 60. */
  readonly seconds?: number;
  /** Resident bytes that it may take; default 2.5 GB, as the inference process has. */
  readonly memory?: number;
}

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
      onReady: () => child.send({ folder }),
      onMessage: (message) =>
        message.kind === 'good' ? resolve(message.model) : refuse(message.reason),
      onLost: (reason) => refuse(`${folder}: cannot be used: ${reason}; take another model`),
    },
  );
  const timer = setTimeout(
    () => refuse(`${folder}: cannot be used: its check took ${seconds} s; take another model`),
    1000 * seconds,
  );
  child.start();
  try {
    return await unlessAborted(promise, signal);
  } finally {
    clearTimeout(timer);
    await child.stop();
  }
}
