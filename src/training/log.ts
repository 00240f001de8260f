import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { diskError } from '../files/atomic.ts';
import type { Inspection } from '../inspection/inspection.ts';

/** A step of training. */
export interface StepLine {
  readonly step: number;
  /** Of training so far, over all runs. */
  readonly seconds: number;
  readonly learningRate: number;
  /** Before it was clipped. */
  readonly gradientNorm: number;
  /** `loss` and its terms. */
  readonly losses: Readonly<Record<string, number>>;
}

/** A look at the held-out footage, after a step. */
export interface ValidationLine {
  readonly step: number;
  readonly seconds: number;
  readonly validation: Readonly<Record<string, number>>;
  readonly inner: Inspection;
}

/** A training's log as JSON lines: each is written whole, one a step or a validation. */
export class TrainingLog {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** That a new log may begin there; worth asking before footage is read. @throws UserError where not. */
  static async requireNew(path: string): Promise<void> {
    const there = await stat(path).catch(() => undefined);
    if (there) throw new UserError(`${path}: exists already; choose another --log`);
    const folder = await stat(dirname(path)).catch(() => undefined);
    if (!folder?.isDirectory())
      throw new UserError(
        `${path}: there is no folder ${dirname(path)}; make it, or choose another --log`,
      );
  }

  /**
   * Opens a log to go on with.
   * @param step the last step that counts: what a run wrote after its last checkpoint is done again,
   *   so it is taken out, as is a line that was cut short; 0 begins a new log
   * @throws UserError where the file holds something else, or may not be written.
   */
  static async open(path: string, step: number): Promise<TrainingLog> {
    if (step === 0) await TrainingLog.requireNew(path);
    let file: FileHandle;
    try {
      file = await open(path, 'a+');
    } catch (error) {
      throw diskError(error, path);
    }
    try {
      if (step > 0) await file.truncate(keptBytes(path, await file.readFile('utf8'), step));
      return new TrainingLog(path, file);
    } catch (error) {
      await file.close();
      throw diskError(error, path);
    }
  }

  /** @throws UserError when the disk is full. */
  async add(line: StepLine | ValidationLine): Promise<void> {
    await this.#onDisk(() => this.#file.appendFile(`${JSON.stringify(line)}\n`));
  }

  /** Makes what was written last through a loss of power. */
  async sync(): Promise<void> {
    await this.#onDisk(() => this.#file.sync());
  }

  async #onDisk(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw diskError(error, this.#path);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Bytes of the whole lines up to a step. @throws UserError where a line is none of a training's. */
function keptBytes(path: string, text: string, step: number): number {
  let kept = 0;
  for (const line of text.split(/(?<=\n)/)) {
    if (!line.endsWith('\n')) break;
    const at = stepOf(line);
    if (at === undefined)
      throw new UserError(`${path}: is not a training log; choose another --log`);
    if (at > step) break;
    kept += Buffer.byteLength(line);
  }
  return kept;
}

function stepOf(line: string): number | undefined {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === 'number' ? step : undefined;
  } catch {
    return undefined;
  }
}
