import type { Checkpoint } from './checkpoint.ts';
import type { RunSettings } from './run-settings.ts';

/** Progress of a run, by steps or by time. */
export class RunClock {
  step: number;
  readonly #settings: RunSettings;
  readonly #steps: number | undefined;
  readonly #before: number;
  readonly #firstStep: number;
  readonly #started = performance.now();

  constructor(settings: RunSettings, stepsPerEpoch: number, resumed: Checkpoint | undefined) {
    this.#settings = settings;
    this.step = resumed?.step ?? 0;
    this.#firstStep = this.step;
    this.#before = resumed?.seconds ?? 0;
    const { length } = settings;
    this.#steps =
      'epochs' in length ? Math.max(1, Math.round(length.epochs * stepsPerEpoch)) : undefined;
  }

  advance(): void {
    this.step += 1;
  }

  seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000;
  }

  /** 0 at the start, 1 when the run is over. */
  share(): number {
    const { length } = this.#settings;
    if ('minutes' in length) return Math.min(1, this.seconds() / (60 * length.minutes));
    return Math.min(1, this.step / this.#steps!);
  }

  done(): boolean {
    return this.share() >= 1;
  }

  /** Whether a boundary of `parts` equal parts lies between the share `before` and now. */
  passed(before: number, parts: number): boolean {
    return Math.floor(before * parts) < Math.floor(this.share() * parts);
  }

  report(batch: number) {
    const share = this.share();
    const steps = this.step - this.#firstStep;
    const seconds = (performance.now() - this.#started) / 1000;
    const { length } = this.#settings;
    const secondsLeft =
      'minutes' in length
        ? Math.max(0, 60 * length.minutes - this.seconds())
        : ((this.#steps! - this.step) * seconds) / steps;
    return {
      step: this.step,
      steps: this.#steps,
      share,
      secondsLeft,
      samplesPerSecond: (steps * batch) / seconds,
    };
  }
}
