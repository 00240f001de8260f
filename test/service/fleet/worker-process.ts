import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { descendants } from '../served.ts';

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'm2s2l.js');

/** `m2s2l worker` in a process of its own. */
export class WorkerProcess {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ended: Promise<number | null>) {
    this.#child = child;
    this.ended = ended;
  }

  /** @throws where it ends before it takes cameras, with what it said */
  static async start(store: string, files: string, name: string): Promise<WorkerProcess> {
    const child = spawn(
      process.execPath,
      [program, 'worker', '--store', store, '--files', files, '--name', name, '--log', 'warn'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let told = '';
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await new Promise<void>((resolve, reject) => {
      const hear = (text: string) => {
        told += text;
        if (told.includes('takes cameras')) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      void ended.then(() => reject(new Error(`it ended: ${told}`)));
    });
    return new WorkerProcess(child, ended);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** As a crash would, or a machine without power: its children end with it. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** The whole of it stands still, as on a machine that is paused. */
  pause(): void {
    for (const pid of this.#all()) process.kill(pid, 'SIGSTOP');
  }

  goOn(): void {
    for (const pid of this.#all()) process.kill(pid, 'SIGCONT');
  }

  /** @returns its exit code */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended;
  }

  #all(): number[] {
    return [this.pid, ...descendants(this.pid).map(({ pid }) => pid)];
  }
}
