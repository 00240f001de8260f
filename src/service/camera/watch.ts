import type { AlarmThreshold } from '../../scoring/threshold.ts';
import type { Size } from '../../video/frame.ts';
import type { CameraSettings, ThresholdInForce } from '../contract/camera.ts';
import type { CameraDecoder, CameraScore } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { CameraEvents } from './events.ts';
import { Pace } from './pace.ts';
import { ScoreHistory } from './score-history.ts';
import { thresholdFromHistory } from './threshold.ts';

/** Seconds between two writings of the score history, and two settings of the threshold from it. */
const WRITE_EVERY = 10;
const THRESHOLD_EVERY = 3600;

/** Milliseconds between two scores for the page. */
const LIVE_EVERY = 200;

export interface WatchOptions {
  /** The model folder. */
  readonly folder: string;
  readonly decoder: CameraDecoder;
  readonly settings: () => CameraSettings;
  /** Of the camera's pictures. */
  readonly size: () => Size;
  readonly threshold: ThresholdInForce;
  /** Of the model's held-out footage. */
  readonly measured: AlarmThreshold;
  /** An alarm begins or is over. */
  readonly onAlarm: () => void;
}

/** What is made of a camera's scores: events, a history, and a threshold that follows from it. */
export class CameraWatch {
  readonly #camera: string;
  readonly #context: CameraContext;
  readonly #options: WatchOptions;
  readonly #events: CameraEvents;
  readonly #history: ScoreHistory;
  readonly #pace = new Pace();
  #threshold: ThresholdInForce;
  #lastScore: number | null = null;
  #warmingUp = true;
  #stretch: number | undefined;
  #alarm = false;
  #liveAt = 0;
  #seconds = 0;

  constructor(camera: string, context: CameraContext, options: WatchOptions) {
    this.#camera = camera;
    this.#context = context;
    this.#options = options;
    this.#threshold = options.threshold;
    this.#history = new ScoreHistory(camera, context.store);
    this.#events = new CameraEvents(camera, context, options);
  }

  get folder(): string {
    return this.#options.folder;
  }

  get alarm(): boolean {
    return this.#alarm;
  }

  get warmingUp(): boolean {
    return this.#warmingUp;
  }

  /** Frames a second that are scored; undefined until that can be said. */
  get pace(): number | undefined {
    return this.#pace.perSecond;
  }

  /** Whether frames came lately that were not scored. */
  get dropping(): boolean {
    return this.#pace.dropping;
  }

  get lastScore(): number | null {
    return this.#lastScore;
  }

  score(score: CameraScore): void {
    this.#lastScore = score.score;
    this.#warmingUp = false;
    this.#history.push(score.time, score.score);
    this.#events.score(score, this.#threshold.threshold);
    this.#tellAlarm();
    this.#tellLive(score);
  }

  /** A frame of this stretch is on its way: where it is another, what went on before is over. */
  follow(stretch: number): void {
    if (stretch !== this.#stretch) this.interrupt();
    this.#stretch = stretch;
  }

  /** What follows has nothing to do with what came before: an event that goes on is over. */
  interrupt(): void {
    this.#events.interrupt();
    this.#warmingUp = true;
    this.#lastScore = null;
    this.#pace.reset();
    this.#tellAlarm();
  }

  /** Called once a second. @returns whether it is time to set the threshold anew */
  tick(): boolean {
    this.#seconds += 1;
    const { scored, dropped } = this.#context.inference.counts(this.#camera);
    if (!this.#warmingUp) this.#pace.look(performance.now(), scored, dropped);
    if (this.#seconds % WRITE_EVERY === 0) this.#history.flush(false);
    return this.#seconds % THRESHOLD_EVERY === 0;
  }

  flushScores(): void {
    this.#history.flush(false);
  }

  /** The threshold that a budget has by what is known now. */
  thresholdFor(alarmsPerDay: number): ThresholdInForce {
    this.#history.flush(false);
    return thresholdFromHistory(
      this.#context.store,
      this.#camera,
      alarmsPerDay,
      this.#options.measured,
    );
  }

  /** @returns the threshold that is now in force */
  resetThreshold(alarmsPerDay: number): ThresholdInForce {
    this.#threshold = this.thresholdFor(alarmsPerDay);
    return this.#threshold;
  }

  /** Ends what goes on; settles when the pictures of its events are taken, or cannot be. */
  async close(): Promise<void> {
    this.#history.flush();
    await this.#events.close();
  }

  #tellAlarm(): void {
    if (this.#events.alarm === this.#alarm) return;
    this.#alarm = this.#events.alarm;
    this.#options.onAlarm();
  }

  #tellLive({ time, score, appearance, motion, heatmap }: CameraScore): void {
    const now = performance.now();
    if (now - this.#liveAt < LIVE_EVERY) return;
    this.#liveAt = now;
    this.#context.onScore({
      camera: this.#camera,
      time,
      score,
      appearance,
      motion,
      threshold: this.#threshold.threshold,
      alarm: this.#alarm,
      heatmap: { ...heatmap, data: Buffer.from(heatmap.data).toString('base64') },
    });
  }
}
