import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { presetConfiguration } from '../../model/presets.ts';
import type { FrameFormat, Size } from '../../video/frame.ts';
import { modelThreshold } from '../budget/threshold-in-force.ts';
import type {
  CameraSettings,
  CameraStatus,
  LearningSettings,
  SceneChange,
  ThresholdInForce,
} from '../contract/camera.ts';
import { modelFolder } from '../data-folder.ts';
import { ifRoom } from '../if-room.ts';
import type {
  CameraDecoder,
  CameraFrame,
  CameraScore,
  CheckedModel,
  DecoderListener,
  Learned,
  LivePicture,
  RecordedFile,
  StoredCamera,
} from '../parts.ts';
import { maskCameraSettings } from '../secrets.ts';
import { CameraFootage, type Recording } from './camera-footage.ts';
import type { CameraContext } from './context.ts';
import { CameraLearning } from './learning.ts';
import { dropOtherModels, nextModelFolder } from './model-folders.ts';
import { Presence } from './presence.ts';
import { describe, type Situation } from './situation.ts';
import { CameraWatch } from './watch.ts';

/** Milliseconds after which a model that cannot be used is looked at again. */
const MODEL_RETRY = 60_000;

/** Milliseconds by which a clock may have been set back before that is seen. */
const UNSEEN = 5000;

/** Milliseconds that a closing camera waits for the pictures of an event that was under way. */
const LAST_PICTURES = 3000;

/**
 * One camera from its first picture to its last: it owns the camera's decoder, its place in
 * inference, its learning, and its watch. What is stored is the life; where that stands now is found
 * again at each start.
 */
export class CameraLife {
  readonly id: string;
  readonly fromFile: boolean;
  readonly #context: CameraContext;
  readonly #presence: Presence;
  #stored: StoredCamera;
  #decoder: CameraDecoder | undefined;
  #learning: CameraLearning | undefined;
  #watch: CameraWatch | undefined;
  #modelTrouble: string | undefined;
  #modelRetry: NodeJS.Timeout | undefined;
  #size: Size | null = null;
  #sourceFps = 0;
  #scene: SceneChange | null = null;
  /** The next frame follows a break that its decoder knows nothing of. */
  #broken = false;
  #scoringLost: { readonly reason: string; readonly givenUp: boolean } | undefined;
  readonly #footage: CameraFootage;
  /** What the learning under way collects. */
  #collected: Recording | undefined;
  #picture: LivePicture | undefined;
  #unsaved = false;
  /** Puts what was scored with the model in use in place of what the one before scored; until then no budget goes by it. */
  #replaceScores: (() => void) | undefined;
  readonly #underWay = new Set<Promise<void>>();
  #toldDetail = '';
  #shown: { readonly state: CameraStatus['state']; readonly since: number };

  constructor(stored: StoredCamera, fromFile: boolean, context: CameraContext) {
    this.id = stored.id;
    this.fromFile = fromFile;
    this.#stored = stored;
    this.#context = context;
    this.#footage = new CameraFootage(stored.id, context);
    this.#presence = new Presence(context.grace, () => this.#contactChanged());
    this.#shown = { state: describe(this.#situation()).state, since: Date.now() };
  }

  get settings(): CameraSettings {
    return this.#stored.settings;
  }

  /** The last picture for the page. */
  get picture(): LivePicture | undefined {
    return this.#picture;
  }

  get alarm(): boolean {
    return this.#watch?.alarm ?? false;
  }

  /** Memory of its decoder, in bytes. */
  get residentBytes(): number {
    return this.#decoder?.residentBytes ?? 0;
  }

  /** In force. */
  get threshold(): number | null {
    return this.#stored.threshold?.threshold ?? null;
  }

  /** Writes the scores that were seen. */
  flushScores(): void {
    this.#watch?.flushScores();
  }

  /** Takes up the life that is stored. */
  start(): void {
    if (this.#stored.life === 'stopped' || this.#decoder) return;
    const { settings, model, life, learning } = this.#stored;
    const { decoders, folder } = this.#context;
    this.#presence.start();
    this.#decoder = decoders.open(
      {
        name: settings.name,
        source: settings.source,
        fps: settings.fps,
        sceneFile: folder.scene(this.id),
      },
      this.#listener(),
    );
    this.#decoder.start();
    if (life === 'watching' && model !== null) void this.#openModel(model);
    if (learning) this.#startLearning(learning);
    this.#changed();
  }

  /** Ends what runs; what is stored stays. */
  async close(): Promise<void> {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    this.#learning?.stop();
    this.#learning = undefined;
    clearTimeout(this.#modelRetry);
    this.#collected = undefined;
    this.#footage.close();
    this.#presence.stop();
    const closed = this.#closeWatch();
    await Promise.race([closed, pause(LAST_PICTURES, undefined, { ref: false })]);
    await decoder?.stop();
    await closed;
    await Promise.all(this.#underWay);
    this.#size = null;
    this.#scene = null;
    this.#picture = undefined;
    this.#modelTrouble = undefined;
  }

  /** Goes on with the life that it was stopped in. */
  resume(): void {
    if (this.#stored.life !== 'stopped') return;
    this.#save({ life: this.#stored.resumed });
    this.start();
  }

  async stop(): Promise<void> {
    if (this.#stored.life === 'stopped') return;
    await this.close();
    // Read only now: a learning may just have come to its end.
    this.#save({ life: 'stopped', resumed: this.#stored.life });
  }

  /**
   * @param model the one that the settings name, where it is another than before: it was checked and
   *   comes into use
   */
  async change(settings: CameraSettings, model?: CheckedModel): Promise<void> {
    const before = this.#stored.settings;
    const changed = (key: 'source' | 'fps') =>
      JSON.stringify(before[key]) !== JSON.stringify(settings[key]);
    const reopened = changed('source') || changed('fps') || model !== undefined;
    if (reopened) await this.close();
    this.#save({ settings });
    if (model) this.#useModel(settings.model!, model);
    if (changed('source')) await rm(this.#context.folder.scene(this.id), { force: true });
    if (reopened) this.start();
    if (before.budget.alarmsPerDay !== settings.budget.alarmsPerDay) this.resetThreshold();
    this.#applyRecording();
    this.#changed();
  }

  /** Learns anew. What it knows watches on meanwhile, unless the scene is not the one it learned. */
  async learn(settings: LearningSettings): Promise<void> {
    const { folder } = this.#context;
    this.#learning?.stop();
    this.#learning = undefined;
    this.#collected = undefined;
    // A model that was learned a moment ago comes into use first.
    await Promise.all(this.#underWay);
    const { life, resumed, model, learning } = this.#stored;
    if (learning) await rm(learning.out, { recursive: true, force: true });
    const watching = (life === 'stopped' ? resumed : life) === 'watching' && model !== null;
    const moved = this.#scene !== null;
    if (moved) this.#footage.dropAll();
    if (!watching || moved) await this.#closeWatch();
    const out = await nextModelFolder(folder.models(this.id));
    const next = { settings, out, begun: Date.now() };
    // Without it the scene is learned anew, also where this service or the decoder ends before it is.
    await rm(folder.scene(this.id), { force: true });
    this.#save({ life: watching && !moved ? 'watching' : 'learning', learning: next });
    if (this.#decoder) {
      this.#decoder.learnScene();
      this.#startLearning(next);
    } else this.start();
    this.#changed();
  }

  scored(score: CameraScore): void {
    if (this.#scene === null) this.#watch?.score(score);
  }

  scoringLost(reason: string, givenUp: boolean): void {
    this.#scoringLost = { reason, givenUp };
    this.#watch?.interrupt();
    this.#changed();
  }

  scoringReady(): void {
    this.#scoringLost = undefined;
    this.#broken = true;
    this.#changed();
  }

  modelFailed(reason: string): void {
    this.#background(this.#closeWatch());
    this.#refuseModel(reason);
  }

  /** From the scores that were seen and what a person said of them. */
  resetThreshold(): void {
    if (this.#replaceScores) return;
    const threshold = this.#watch?.resetThreshold(this.#stored.settings.budget.alarmsPerDay);
    if (threshold) this.#save({ threshold });
  }

  /** The threshold that a budget has by what is known now; undefined while nothing watches. */
  thresholdFor(alarmsPerDay: number): ThresholdInForce | undefined {
    return this.#watch?.thresholdFor(alarmsPerDay);
  }

  /** Called once a second. */
  tick(): void {
    if (this.#unsaved || this.#replaceScores) this.#saveRest();
    if (this.#watch?.tick()) this.resetThreshold();
    this.#followClock();
    this.#learning?.tick(this.#presence.contact === 'online' && this.#scene === null);
    if (describe(this.#situation()).detail !== this.#toldDetail) this.#changed();
  }

  status(): CameraStatus {
    const { settings, threshold } = this.#stored;
    const decoder = this.#decoder?.counts;
    const inference = this.#context.inference.counts(this.id);
    return {
      id: this.id,
      settings: maskCameraSettings(settings),
      fromFile: this.fromFile,
      ...this.#shown,
      detail: describe(this.#situation()).detail,
      scene: this.#scene,
      progress: this.#learning?.progress ?? null,
      threshold,
      size: this.#size,
      counts: {
        frames: decoder?.frames ?? 0,
        dropped: (decoder?.dropped ?? 0) + inference.dropped,
        scored: inference.scored,
        reconnects: decoder?.reconnects ?? 0,
        latencyMs: inference.latencyMs,
        framesPerSecond: decoder?.framesPerSecond ?? 0,
      },
      lastScore: this.#watch?.lastScore ?? null,
      oddMinutes: this.#context.store
        .oddMinutes(this.id)
        .filter(({ verdict }) => verdict === 'open').length,
    };
  }

  #listener(): DecoderListener {
    return {
      // What a decoder says while it is ended is of no camera's presence any more.
      onOnline: ({ size, fps }) => {
        if (this.#decoder) this.#online(size, fps);
      },
      onOffline: (reason) => {
        if (this.#decoder) this.#presence.lost(reason);
      },
      onFrame: (frame) => this.#frame(frame),
      onPicture: (picture) => {
        this.#picture = picture;
      },
      onScene: (change) => this.#sceneChanged(change),
      onRecorded: (file) => this.#recordedFile(file),
      onRecordingFailed: (reason) => this.#recordingFailed(reason),
    };
  }

  #online(size: Size, fps: number): void {
    this.#size = size;
    this.#sourceFps = fps;
    if (!existsSync(this.#context.folder.scene(this.id))) this.#decoder?.learnScene();
    this.#placeInInference();
    this.#presence.online();
  }

  #contactChanged(): void {
    if (this.#presence.contact === 'offline') this.#watch?.interrupt();
    this.#changed();
  }

  #frame(frame: CameraFrame): void {
    if (!this.#watch || this.#scene !== null) {
      this.#broken = true;
      return;
    }
    const fresh = frame.fresh || this.#broken;
    this.#broken = false;
    if (fresh) this.#watch.interrupt();
    this.#context.inference.push(this.id, fresh === frame.fresh ? frame : { ...frame, fresh });
  }

  #sceneChanged(change: SceneChange | null): void {
    this.#scene = change;
    if (change !== null) this.#watch?.interrupt();
    this.#learning?.pause(change !== null);
    this.#applyRecording();
    this.#changed();
  }

  async #openModel(model: string): Promise<void> {
    const decoder = this.#decoder;
    try {
      const folder = modelFolder(model);
      const checked = await this.#context.models.check(folder);
      if (this.#decoder !== decoder || !decoder || this.#watch) return;
      // Learning anew began meanwhile, or its model is there.
      if (this.#stored.life !== 'watching' || this.#stored.model !== model) return;
      this.#modelTrouble = undefined;
      if (!this.#stored.threshold) this.#save({ threshold: this.#thresholdOf(checked) });
      this.#openWatch(folder, checked);
    } catch (error) {
      if (this.#decoder === decoder) this.#refuseModel((error as Error).message);
    }
  }

  #refuseModel(reason: string): void {
    this.#context.logger.warn({ camera: this.id, reason }, 'model refused');
    this.#modelTrouble = reason;
    clearTimeout(this.#modelRetry);
    this.#modelRetry = setTimeout(() => {
      if (this.#stored.model !== null && !this.#watch) void this.#openModel(this.#stored.model);
    }, MODEL_RETRY);
    this.#changed();
  }

  /** By its own held-out footage, for this camera's budget. */
  #thresholdOf({ threshold }: CheckedModel): ThresholdInForce {
    return modelThreshold(threshold, this.#stored.settings.budget.alarmsPerDay);
  }

  #useModel(model: string, checked: CheckedModel): void {
    const threshold = this.#thresholdOf(checked);
    this.#replaceScores = () => this.#context.store.removeScores(this.id, Number.MAX_SAFE_INTEGER);
    const life = this.#stored.life === 'stopped' ? 'stopped' : 'watching';
    this.#save({ life, resumed: 'watching', model, threshold, learning: null });
  }

  #openWatch(folder: string, model: CheckedModel): void {
    this.#watch = new CameraWatch(this.id, this.#context, {
      folder,
      decoder: this.#decoder!,
      settings: () => this.#stored.settings,
      size: () => this.#size ?? { width: 0, height: 0 },
      threshold: this.#stored.threshold ?? this.#thresholdOf(model),
      measured: model.threshold,
      onAlarm: () => this.#changed(),
    });
    this.#decoder!.setFormat(model.format);
    this.#placeInInference();
    this.#applyRecording();
    this.#changed();
  }

  async #closeWatch(): Promise<void> {
    const watch = this.#watch;
    if (!watch) return;
    this.#watch = undefined;
    this.#context.inference.unwatch(this.id);
    this.#decoder?.setFormat(null);
    this.#applyRecording();
    await watch.close();
  }

  #placeInInference(): void {
    if (!this.#watch || !this.#size) return;
    this.#context.inference.watch(this.id, this.#watch.folder, this.#size, this.#expectedPace());
  }

  /** Frames a second that come to be scored when all goes well. */
  #expectedPace(): number {
    const { fps } = this.#stored.settings;
    return this.#sourceFps > 0 ? Math.min(fps, this.#sourceFps) : fps;
  }

  #startLearning({ settings, out, begun }: NonNullable<StoredCamera['learning']>): void {
    const { folder, store, learner } = this.#context;
    const format = presetConfiguration(settings.preset).input as FrameFormat;
    this.#learning = new CameraLearning(
      {
        camera: this.id,
        settings,
        out,
        begun,
        alarmsPerDay: this.#stored.settings.budget.alarmsPerDay,
        footageFolder: folder.footage(this.id),
        oddFolder: folder.odd(this.id),
      },
      format,
      store,
      learner,
      {
        record: (path) => {
          this.#collected = path === null ? undefined : { folder: path, format };
          this.#applyRecording();
        },
        footage: () => this.#footage.toLearn(begun),
        confirmed: () => this.#footage.confirmed(),
        onChange: () => this.#learningChanged(),
        onLearned: (learned) => this.#background(this.#learned(learned)),
      },
    );
    this.#learning.start();
    if (this.#scene !== null) this.#learning.pause(true);
  }

  /** What is recorded after the clock was set back would be older than the collecting, and count for nothing. */
  #followClock(): void {
    const { learning } = this.#stored;
    const now = Date.now();
    if (!learning || learning.begun <= now) return;
    if (this.#learning?.progress?.phase !== 'collecting') return;
    this.#learning.stop();
    const followed = { ...learning, begun: now - UNSEEN };
    this.#save({ learning: followed });
    this.#startLearning(followed);
  }

  #learningChanged(): void {
    const { life } = this.#stored;
    const now = this.#learning?.progress?.phase === 'calibrating' ? 'calibrating' : 'learning';
    if (life !== 'watching' && life !== now) this.#save({ life: now });
    else this.#changed();
  }

  async #learned({ model, heldOut, oddMinutes }: Learned): Promise<void> {
    const { store } = this.#context;
    const out = this.#stored.learning!.out;
    const closed = this.#closeWatch();
    this.#learning = undefined;
    await closed;
    // The model's own threshold serves until there are scores again.
    this.#replaceScores = () => {
      store.removeScores(this.id, Number.MAX_SAFE_INTEGER);
      for (const stretch of heldOut) store.addScores(this.id, stretch);
      store.addOddMinutes(oddMinutes.map((odd) => ({ ...odd, verdict: 'open' as const })));
    };
    const threshold = this.#thresholdOf(model);
    this.#save({ life: 'watching', model: out, threshold, learning: null });
    this.#modelTrouble = undefined;
    if (!this.#decoder) return;
    this.#openWatch(out, model);
    this.resetThreshold();
    // What is stored may still name the one before.
    if (!this.#unsaved) await dropOtherModels(this.#context.folder.models(this.id), out);
    this.#footage.dropUseless(this.#begun);
  }

  #applyRecording(): void {
    const watching =
      this.#watch === undefined
        ? undefined
        : {
            folder: this.#context.folder.footage(this.id),
            format: presetConfiguration(this.#stored.settings.learning.preset).input as FrameFormat,
          };
    const wanted = this.#scene === null ? (this.#collected ?? watching) : undefined;
    this.#footage.record(this.#decoder, wanted);
  }

  #recordedFile(file: RecordedFile): void {
    if (this.#footage.recorded(file)) this.#learning?.recorded();
    else this.#learning?.recordingFailed('the disk is full');
    this.#footage.dropUseless(this.#begun);
  }

  #recordingFailed(reason: string): void {
    this.#footage.failed();
    this.#learning?.recordingFailed(reason);
  }

  /** When the collecting for the learning under way began. */
  get #begun(): number {
    return this.#stored.learning?.begun ?? Number.POSITIVE_INFINITY;
  }

  #save(change: Partial<StoredCamera>): void {
    this.#stored = { ...this.#stored, ...change };
    this.#unsaved = true;
    this.#saveRest();
    this.#changed();
  }

  /** On a full disk the life goes on, and is stored when there is room. */
  #saveRest(): void {
    if (this.#replaceScores && ifRoom(this.#replaceScores)) this.#replaceScores = undefined;
    if (ifRoom(() => this.#context.store.saveCamera(this.#stored))) this.#unsaved = false;
  }

  /** What only the end of this camera waits for. A fault of it is ours, and told in the log. */
  #background(work: Promise<void>): void {
    const done = work
      .catch((error) => this.#context.logger.error({ camera: this.id, err: error }, 'fault'))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  #changed(): void {
    const { state, detail } = describe(this.#situation());
    if (state !== this.#shown.state) this.#shown = { state, since: Date.now() };
    this.#toldDetail = detail;
    this.#context.onChange(this.id);
  }

  #situation(): Situation {
    return {
      life: this.#stored.life,
      contact: this.#presence.contact,
      contactReason: this.#presence.reason,
      scene: this.#scene,
      modelTrouble: this.#modelTrouble,
      scoringLost: this.#scoringLost,
      learning: this.#learning,
      watch: this.#watch,
      expectedPace: this.#expectedPace(),
    };
  }
}
