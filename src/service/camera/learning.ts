import { statSync } from 'node:fs';
import { UnknownCase, UserError } from '../../errors.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { FrameFormat } from '../../video/frame.ts';
import type { CameraStatus, LearningSettings } from '../contract/camera.ts';
import type { Learned, Learner, LearningJob, RecordedFile, Span, Store } from '../parts.ts';

/** Milliseconds that the footage of a file is said to be older than the file, for it must not reach into now. */
const FILE_AGE = 12 * 3600_000;

/** Seconds of footage in one file. */
const FILE_SECONDS = 60;

/** Seconds that may be missing: times of frames tremble. */
const TOLERANCE = 1;

export interface LearningPlan {
  readonly camera: string;
  readonly settings: LearningSettings;
  /** The model folder to be made. */
  readonly out: string;
  readonly begun: number;
  /** Its footage was collected before. */
  readonly collected: boolean;
  readonly alarmsPerDay: number;
  /** Where footage is recorded. */
  readonly footageFolder: string;
  readonly oddFolder: string;
  readonly regions: readonly PictureRegion[];
}

export interface LearningListener {
  /** Starts, or ends with null, the recording of footage. */
  record(folder: string | null, format?: FrameFormat): void;
  /** The footage to learn from, when enough was collected; with a file what was confirmed beside it. */
  footage(): readonly RecordedFile[];
  /** What was confirmed as normal. */
  confirmed(): readonly Span[];
  onChange(): void;
  /** Its footage is settled: later verdicts are for the next learning. */
  onTraining(): void;
  onLearned(learned: Learned): void;
}

/** One learning of a camera: footage is collected, or taken from a file, then a model is made of it. */
export class CameraLearning {
  readonly plan: LearningPlan;
  readonly #format: FrameFormat;
  readonly #store: Pick<Store, 'footageSeconds'>;
  readonly #learner: Pick<Learner, 'learn'>;
  readonly #listener: LearningListener;
  readonly #end = new AbortController();
  #progress: NonNullable<CameraStatus['progress']>;
  #failure: string | undefined;
  #recordingTrouble: string | undefined;
  /** Seconds in files that are whole, and about as many in the one that is not. */
  #collected = 0;
  #unseen = 0;
  #paused = false;
  #collecting = false;

  constructor(
    plan: LearningPlan,
    format: FrameFormat,
    store: Pick<Store, 'footageSeconds'>,
    learner: Pick<Learner, 'learn'>,
    listener: LearningListener,
  ) {
    this.plan = plan;
    this.#format = format;
    this.#store = store;
    this.#learner = learner;
    this.#listener = listener;
    this.#progress = {
      phase: plan.settings.file === undefined && !plan.collected ? 'collecting' : 'training',
      share: 0,
      secondsLeft: null,
    };
  }

  get progress(): CameraStatus['progress'] {
    return this.#failure === undefined ? this.#progress : null;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** What it does, in one line. */
  get detail(): string {
    const { settings } = this.plan;
    if (this.#failure !== undefined) return `Learning failed, learn again: ${this.#failure}`;
    switch (this.#progress.phase) {
      case 'collecting': {
        const minutes = Math.floor(this.#progress.share * settings.collectMinutes);
        if (this.#recordingTrouble !== undefined)
          return `Collecting footage is held up: ${this.#recordingTrouble}; it is tried again`;
        const collected = `${minutes} of ${settings.collectMinutes} minutes of footage`;
        return this.#paused ? `Has collected ${collected}; waits` : `Collects ${collected}`;
      }
      case 'training':
        return `Learns from ${settings.file === undefined ? 'the collected footage' : 'a file'}`;
      case 'calibrating':
        return 'Looks for odd minutes and sets the threshold';
      default:
        throw new UnknownCase(this.#progress.phase satisfies never);
    }
  }

  start(): void {
    const { file } = this.plan.settings;
    if (file !== undefined) {
      const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? this.plan.begun;
      const footage = { path: file, from: Math.round(written - FILE_AGE) };
      void this.#train([footage, ...this.#listener.footage()]);
      return;
    }
    if (this.plan.collected) {
      void this.#train(this.#listener.footage());
      return;
    }
    this.#collecting = true;
    this.#listener.record(this.plan.footageFolder, this.#format);
    this.#look();
  }

  stop(): void {
    this.#collecting = false;
    this.#end.abort();
  }

  /** Footage is not collected while the camera shows something else than its scene. */
  pause(paused: boolean): void {
    this.#paused = paused;
  }

  /** A file of footage is in the store. */
  recorded(): void {
    this.#recordingTrouble = undefined;
    this.#unseen = 0;
    if (this.#collecting) this.#look();
  }

  /** Called once a second. @param recording whether footage comes in: files are reported only once they are complete */
  tick(recording: boolean): void {
    if (!this.#collecting || !recording || this.#recordingTrouble !== undefined) return;
    this.#unseen = Math.min(FILE_SECONDS, this.#unseen + 1);
    this.#tellCollected();
  }

  /** Recording is tried again by who records. */
  recordingFailed(reason: string): void {
    this.#recordingTrouble = reason;
    this.#listener.onChange();
  }

  #look(): void {
    const { begun, camera, settings } = this.plan;
    const span = { from: begun, to: Number.MAX_VALUE };
    this.#collected = this.#store.footageSeconds(camera, span);
    if (this.#collected < settings.collectMinutes * 60 - TOLERANCE) {
      this.#tellCollected();
      return;
    }
    this.#collecting = false;
    this.#listener.record(null);
    void this.#train(this.#listener.footage());
  }

  #tellCollected(): void {
    const wanted = this.plan.settings.collectMinutes * 60;
    const seconds = Math.min(wanted, this.#collected + this.#unseen);
    this.#progress = {
      phase: 'collecting',
      share: seconds / wanted,
      secondsLeft: wanted - seconds,
    };
    this.#listener.onChange();
  }

  async #train(footage: LearningJob['footage']): Promise<void> {
    this.#progress = { phase: 'training', share: 0, secondsLeft: null };
    this.#listener.onTraining();
    this.#listener.onChange();
    const { camera, settings, out, alarmsPerDay, oddFolder, regions } = this.plan;
    const { signal } = this.#end;
    try {
      const learned = await this.#learner.learn(
        {
          camera,
          footage,
          confirmed: this.#listener.confirmed(),
          out,
          learning: settings,
          alarmsPerDay,
          oddFolder,
          regions,
        },
        (progress) => {
          if (signal.aborted) return;
          this.#progress = progress;
          this.#listener.onChange();
        },
        signal,
      );
      if (!signal.aborted) this.#listener.onLearned(learned);
    } catch (error) {
      if (signal.aborted) return;
      this.#failure =
        error instanceof UserError
          ? error.message
          : `a fault of m2s2l: ${(error as Error).message}`;
      this.#listener.onChange();
    }
  }
}
