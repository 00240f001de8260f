import type { LightName } from '../../scoring/light/clusters.ts';
import { rescored } from '../../scoring/regions/rescore.ts';
import type { AlarmThreshold } from '../../scoring/threshold.ts';
import type { Size } from '../../video/frame.ts';
import { CameraKeeper } from '../budget/camera-keeper.ts';
import type { CameraSettings } from '../contract/camera.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { CameraDecoder, CameraScore } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { CameraEvents } from './events.ts';
import { Pace } from './pace.ts';
import { ScoreHistory } from './score-history.ts';
import { LOOKED_BACK, nothingSeen, seenBefore, uncountedKey } from './seen-before.ts';

/** Seconds between two writings of the score history, and of what keeps the budget. */
const WRITE_EVERY = 10;
const KEEP_EVERY = 60;

/** Seconds between two removals of maps that are too old to follow from. */
const FORGET_EVERY = 3600;

/** Milliseconds between two scores for the page. */
const LIVE_EVERY = 200;

export interface WatchOptions {
  /** The model folder. */
  readonly folder: string;
  readonly decoder: CameraDecoder;
  readonly settings: () => CameraSettings;
  /** Of the camera's pictures. */
  readonly size: () => Size;
  /** The model as it is stored. */
  readonly model: string;
  /** Of the model's held-out footage. */
  readonly measured: AlarmThreshold;
  /** The light that the model is for, where the camera has one for each. */
  readonly light?: LightName | undefined;
  /** Whether the scores that are stored are of this model. */
  readonly scoresKnown: () => boolean;
  /** An alarm begins or is over. */
  readonly onAlarm: () => void;
}

/** What is made of a camera's scores: events, a history, and a threshold that keeps the budget. */
export class CameraWatch {
  readonly #camera: string;
  readonly #context: CameraContext;
  readonly #options: WatchOptions;
  readonly #events: CameraEvents;
  readonly #history: ScoreHistory;
  readonly #pace = new Pace();
  readonly #keeper: CameraKeeper;
  #lastScore: number | null = null;
  #warmingUp = true;
  #stretch: number | undefined;
  #alarm = false;
  #liveAt = 0;
  #seconds = 0;
  /** Key of the regions that the stored scores leave out. */
  #scoresOf: string;
  readonly #learnedWith: string;

  constructor(camera: string, context: CameraContext, options: WatchOptions) {
    this.#camera = camera;
    this.#context = context;
    this.#options = options;
    const { model, measured, light, settings } = options;
    this.#history = new ScoreHistory(camera, context.store, light);
    const stored = context.store.keeper(camera, light);
    this.#keeper = new CameraKeeper(model, measured, settings().budget, stored, () =>
      options.scoresKnown() ? seenBefore(context.store, camera, Date.now(), light) : nothingSeen,
    );
    this.#events = new CameraEvents(camera, context, { ...options, keeper: this.#keeper });
    // Kept by a service without regions: it left nothing out.
    const known = stored?.model === model ? stored : undefined;
    this.#scoresOf = known ? (known.regions ?? uncountedKey([])) : this.#key;
    // One that was not learned here knows of no region.
    const learnedHere = settings().model === undefined;
    const learnedWith = !known && learnedHere ? this.#key : known?.learnedWith;
    this.#learnedWith = learnedWith ?? uncountedKey([]);
    if (this.#scoresOf === this.#key) this.keep();
    else this.regionsChanged();
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** Whether other parts of the picture are left out than when the model was learned. */
  get otherRegions(): boolean {
    return this.#learnedWith !== this.#key;
  }

  get light(): LightName | undefined {
    return this.#options.light;
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
    const { placeMap } = score;
    if (placeMap) ifRoom(() => this.#context.store.addPlaceMap(this.#camera, placeMap, this.light));
    this.#events.score(score);
    this.#tellAlarm();
    this.#tellLive(score);
  }

  /** A frame of this stretch is on its way: where it is another, what went on before is over. */
  follow(stretch: number): void {
    if (stretch !== this.#stretch) this.interrupt();
    this.#stretch = stretch;
  }

  /** Whether the view is the one that was learned is being judged: alarms wait for that. */
  doubt(doubtful: boolean): void {
    this.#events.doubt(doubtful);
    this.#tellAlarm();
  }

  /** The view is another one: an alarm that it raised is taken back. */
  retract(reason: string): void {
    this.#events.retract(reason);
    this.interrupt();
  }

  /** What follows has nothing to do with what came before: an event that goes on is over. */
  interrupt(): void {
    this.#events.interrupt();
    this.#warmingUp = true;
    this.#lastScore = null;
    this.#pace.reset();
    this.#tellAlarm();
  }

  /** Called once a second. */
  tick(): void {
    this.#seconds += 1;
    const { scored, dropped } = this.#context.inference.counts(this.#camera);
    if (!this.#warmingUp) this.#pace.look(performance.now(), scored, dropped);
    if (this.#seconds % WRITE_EVERY === 0) this.#history.flush(false);
    if (this.#seconds % KEEP_EVERY === 0) this.keep();
    if (this.#seconds % FORGET_EVERY === 0)
      ifRoom(() => this.#context.store.removePlaceMaps(this.#camera, Date.now() - LOOKED_BACK));
  }

  /** Other regions: what was seen is scored again. */
  regionsChanged(): void {
    const key = this.#key;
    if (key === this.#scoresOf) return;
    this.#history.flush();
    const { store } = this.#context;
    const now = Date.now();
    const { history } = seenBefore(store, this.#camera, now, this.light);
    const maps = store.placeMaps(this.#camera, now - LOOKED_BACK, now, this.light);
    const again = rescored(history, maps, this.#options.settings().regions);
    if (!ifRoom(() => store.replaceScores(this.#camera, again))) return;
    this.#scoresOf = key;
    this.#keeper.rescore(again);
    this.keep();
  }

  flushScores(): void {
    this.#history.flush(false);
  }

  get keeper(): CameraKeeper {
    return this.#keeper;
  }

  /** A learning takes the verdicts so far. @param normal events that its footage shows as normal */
  beingLearned(normal: readonly string[]): void {
    this.#keeper.beingLearned(normal);
    this.keep();
  }

  /** Stores what keeps the budget. On a full disk the next time does. */
  keep(): void {
    const stored = {
      ...this.#keeper.stored,
      regions: this.#scoresOf,
      learnedWith: this.#learnedWith,
    };
    ifRoom(() => this.#context.store.saveKeeper(this.#camera, stored, this.light));
  }

  /** An event under way was deleted: no more of it is announced. */
  dismiss(event: string): void {
    this.#events.dismiss(event);
    this.#tellAlarm();
  }

  /** Ends what goes on; settles when the pictures of its events are taken, or cannot be. */
  async close(): Promise<void> {
    this.#history.flush();
    const closed = this.#events.close();
    this.keep();
    await closed;
  }

  get #key(): string {
    return uncountedKey(this.#options.settings().regions);
  }

  #tellAlarm(): void {
    if (this.#events.alarm === this.#alarm) return;
    this.#alarm = this.#events.alarm;
    this.#options.onAlarm();
  }

  #tellLive({ time, score, appearance, motion, heatmap, seen }: CameraScore): void {
    const now = performance.now();
    if (now - this.#liveAt < LIVE_EVERY) return;
    this.#liveAt = now;
    this.#context.onScore({
      camera: this.#camera,
      time,
      score,
      appearance,
      motion,
      threshold: this.#keeper.level,
      alarm: this.#alarm,
      heatmap: {
        ...heatmap,
        data: Buffer.from((seen?.heatmap ?? heatmap).data).toString('base64'),
      },
    });
  }
}
