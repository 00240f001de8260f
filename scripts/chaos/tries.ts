import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { InputKind } from './samples.ts';

export type NetworkKind = 'http' | 'rtsp' | 'webhook' | 'mqtt';

export interface Trial {
  readonly kind: InputKind | NetworkKind;
  /** Of the input, or the address. */
  readonly path: string;
}

export type Outcome =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string };

/** Milliseconds that a trial may take on a busy machine. */
const PATIENCE = 120_000;

/** Resident bytes of a process of trials: more is a leak, or an input that is read without bounds. */
const MEMORY = 3e9;

/** Trials after which the process is started again, so that a leak is not what ends it. */
const LIFE = 200;

/** Opens inputs in a process of its own, which is started again when it is lost. */
export class Tries {
  #child: ChildProcess | undefined;
  #tries = 0;
  #words = '';

  /** What became of an input: a crash, a hang and a lack of bounds are faults as a stack trace is. */
  async attempt(trial: Trial): Promise<Outcome> {
    const child = this.#running();
    return new Promise((resolve) => {
      const done = (outcome: Outcome, lost: boolean) => {
        clearTimeout(timer);
        child.removeAllListeners('message').removeAllListeners('exit');
        if (lost) this.end();
        resolve(outcome);
      };
      const timer = setTimeout(
        () => done({ kind: 'fault', message: `took more than ${PATIENCE / 1000} s` }, true),
        PATIENCE,
      );
      child.once(
        'message',
        ({ outcome, residentBytes }: { outcome: Outcome; residentBytes: number }) => {
          const tooMuch = residentBytes > MEMORY;
          const message = `took ${Math.round(residentBytes / 1e6)} MB`;
          done(tooMuch ? { kind: 'fault', message } : outcome, tooMuch);
        },
      );
      child.once('exit', (code, signal) =>
        done({ kind: 'fault', message: `ended with ${signal ?? code}: ${this.#words}` }, true),
      );
      child.send(trial);
    });
  }

  end(): void {
    this.#child?.removeAllListeners();
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
    this.#tries = 0;
  }

  #running(): ChildProcess {
    if (this.#tries++ >= LIFE) this.end();
    if (this.#child) return this.#child;
    this.#words = '';
    const program = fileURLToPath(new URL('./try-program.ts', import.meta.url));
    this.#child = fork(program, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-2000);
    });
    return this.#child;
  }
}
