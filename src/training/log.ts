import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { diskError } from '../files/atomic.ts';
import type { Inspection } from '../inspection/inspection.ts';

/** A step of training. */
export interface StepLine {
  readonly step: number;
  /** Seconds of training so far, over all runs. */
  readonly seconds: number;
  readonly learningRate: number;
  /** Before it was clipped. */
  readonly gradientNorm: number;
  /** `loss` and its terms. */
  readonly losses: Readonly<Record<string, number>>;
}

/** A validation after a step. */
export interface ValidationLine {
  readonly step: number;
  readonly seconds: number;
  readonly validation: Readonly<Record<string, number>>;
  readonly inner: Inspection;
}

/** Log of a training as JSON lines, one a step or validation. */
export class TrainingLog {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Checks that a new log may be created, before footage is read. @throws UserError where not. */
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
   * Opens a log for appending.
   * @param step of the checkpoint that is resumed; later lines are removed, since these steps are repeated,
   *   and so is an incomplete line. 0 starts a new log
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

  /** Makes everything written so far survive a loss of power. */
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

/** Bytes of the complete lines up to a step. @throws UserError where the file is no training log. */
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
