import type { WriteStream } from 'node:tty';
import { printable } from './text.ts';

/** How often a terminal's line is redrawn, and how often a line is added elsewhere, in milliseconds. */
const redrawEvery = 100;
const lineEvery = 10_000;
const barWidth = 24;
/** Seconds of work before the remaining time is estimated. */
const estimateFrom = 1;

/** What there is to say of work under way. */
export interface ProgressState {
  readonly what: string;
  /** 0 … 1 */
  readonly share: number;
  readonly details?: string | undefined;
  /** Estimated from the share and the time so far where it is left out. */
  readonly secondsLeft?: number | undefined;
}

/**
 * Tells how work goes on: one line that is redrawn on a terminal, else plain lines, the first and
 * the last of each piece of work and one every ten seconds in between.
 */
export class Progress {
  /** Says nothing but what has gone wrong. */
  quiet = false;
  readonly #stream: NodeJS.WriteStream;
  #what = '';
  #started = 0;
  #shown = 0;
  #pending: ProgressState | undefined;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** A terminal that moves its cursor. */
  get #redraws(): boolean {
    return this.#stream.isTTY && process.env.TERM !== 'dumb';
  }

  show(state: ProgressState): void {
    if (this.quiet) return;
    const now = performance.now();
    if (state.what !== this.#what) {
      this.end();
      this.#what = state.what;
      this.#started = now;
      this.#shown = Number.NEGATIVE_INFINITY;
    }
    this.#pending = state;
    if (now - this.#shown < (this.#redraws ? redrawEvery : lineEvery)) return;
    this.#draw(now);
  }

  /** A line of its own, above the progress. */
  note(text: string): void {
    if (this.quiet) return;
    this.#clear();
    this.#stream.write(`${printable(text)}\n`);
    this.#shown = Math.min(this.#shown, performance.now() - redrawEvery);
  }

  /** The work under way is over: its last state stays to be read. */
  end(): void {
    if (this.#pending) this.#draw(performance.now());
    if (this.#drawn) this.#stream.write('\n');
    this.#drawn = false;
    this.#what = '';
  }

  #draw(now: number): void {
    const { what, share, details, secondsLeft } = this.#pending!;
    this.#pending = undefined;
    this.#shown = now;
    const spent = (now - this.#started) / 1000;
    const estimate = spent > estimateFrom && share > 0 ? (spent * (1 - share)) / share : undefined;
    const left = secondsLeft ?? estimate;
    const time =
      share >= 1 ? `in ${duration(spent)}` : left === undefined ? '' : `${duration(left)} left`;
    const percent = `${String(Math.floor(100 * share)).padStart(3)} %`;
    const parts = [percent, time, details].filter(Boolean).join('  ');
    if (!this.#redraws) {
      this.#stream.write(`${what} ${parts.trimStart()}\n`);
      return;
    }
    const line = `${what} ${bar(share)} ${parts}`;
    // A line that wraps cannot be redrawn.
    const room = ((this.#stream as WriteStream).columns || 80) - 1;
    this.#stream.write(`\r\x1b[2K${line.slice(0, room)}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#stream.write('\r\x1b[2K');
    this.#drawn = false;
  }
}

function bar(share: number): string {
  const full = Math.round(barWidth * Math.min(1, share));
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
}

/** Seconds as people read them: `45 s`, `3:07`, `1:02:09`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
