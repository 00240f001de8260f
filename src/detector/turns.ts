import type { CellErrors } from '../scoring/blocks.ts';
import type { Detector } from './detector.ts';
import type { Stream } from './stream.ts';

/** A camera whose frames are scored in turns with those of others. */
export interface TurnTaker {
  readonly detector: Pick<Detector, 'step'>;
  /** Where the frame that was taken last belongs. */
  readonly stream: Stream;
  /** Takes the frame that waits longest into a turn: its bytes, or undefined where none waits. */
  take(): Uint8Array | undefined;
  /** Ends the turn of the frame that was taken; in the warm-up it has no errors. Must not throw. */
  give(errors: CellErrors | undefined): void;
  /** Ends the turn of a frame that could not be scored. Must not throw. */
  fail(error: unknown): void;
}

/**
 * Takes turns: in each, one frame of every camera that has one goes through its model, together with
 * those of the same model. So each gets its share, however many there are and whatever their rates.
 */
export class Turns {
  readonly #cameras = new Set<TurnTaker>();
  #working = false;

  add(camera: TurnTaker): void {
    this.#cameras.add(camera);
  }

  /** It takes no further turn; one that is under way still ends. */
  remove(camera: TurnTaker): void {
    this.#cameras.delete(camera);
  }

  /** To be called when a frame waits: takes turns until none does. */
  async wake(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      const turn = this.#take();
      if (turn.length === 0) break;
      for (const [detector, taken] of Map.groupBy(turn, ({ camera }) => camera.detector))
        await score(detector, taken);
    }
    this.#working = false;
  }

  #take(): Taken[] {
    return [...this.#cameras].flatMap((camera) => {
      const frame = camera.take();
      return frame ? [{ camera, stream: camera.stream, frame }] : [];
    });
  }
}

interface Taken {
  readonly camera: TurnTaker;
  readonly stream: Stream;
  readonly frame: Uint8Array;
}

async function score(detector: TurnTaker['detector'], turn: readonly Taken[]): Promise<void> {
  try {
    const errors = await detector.step(turn);
    for (const [i, { camera }] of turn.entries()) camera.give(errors[i]);
  } catch (error) {
    for (const { camera } of turn) camera.fail(error);
  }
}
