import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CameraKeeper } from '../budget/camera-keeper.ts';
import type {
  CameraSettings,
  CameraStatus,
  LearningSettings,
  SceneChange,
} from '../contract/camera.ts';
import type { CameraScore, Heatmap, Learned, LivePicture, StoredCamera } from '../parts.ts';
import { CameraFootage, recordingFor } from './camera-footage.ts';
import type { LifeChange } from './configured.ts';
import type { CameraContext } from './context.ts';
import { SettingsOfCamera } from './in-force.ts';
import { LearningUnderWay } from './learning-under-way.ts';
import { dropOtherModels } from './model-folders.ts';
import { ModelInUse } from './model-in-use.ts';
import { CameraRecord } from './record.ts';
import { CameraScoring } from './scoring.ts';
import { ShownState } from './shown-state.ts';
import { CameraSight } from './sight.ts';
import { type Situation, sceneWords } from './situation.ts';
import { statusOf } from './status.ts';
import { UnderWay } from './under-way.ts';
import type { CameraWatch } from './watch.ts';

/** Milliseconds that a closing camera waits for the pictures of an event that was under way. */
const LAST_PICTURES = 3000;

/**
 * One camera from its first picture to its last: its states, its decoder, and what is recorded of it.
 * Where it stands is found again at each start from its record.
 */
export class CameraLife {
  readonly id: string;
  readonly fromFile: boolean;
  readonly #context: CameraContext;
  readonly #record: CameraRecord;
  readonly #model: ModelInUse;
  readonly #sight: CameraSight;
  readonly #footage: CameraFootage;
  readonly #learning: LearningUnderWay;
  readonly #scoring: CameraScoring;
  readonly #underWay: UnderWay;
  readonly #shown: ShownState;
  readonly #inForce: SettingsOfCamera;

  constructor(stored: StoredCamera, fromFile: boolean, context: CameraContext) {
    this.id = stored.id;
    this.fromFile = fromFile;
    this.#record = new CameraRecord(stored, context.store);
    this.#context = context;
    this.#inForce = new SettingsOfCamera(stored.id, context, {
      settings: () => this.settings,
      sight: () => this.#sight,
      watch: () => this.#watch,
    });
    this.#footage = new CameraFootage(stored.id, context);
    this.#sight = new CameraSight(stored.id, context, {
      onOnline: () => this.#model.place(),
      onContact: () => {
        if (this.#sight.contact === 'offline') this.#watch?.interrupt();
        this.#shown.changed();
      },
      onFrame: (frame) => this.#scoring.push(frame),
      onScene: (change) => this.#sceneChanged(change),
      onDoubt: (doubtful) => this.#model.doubtScene(doubtful),
      onRecorded: (file) => this.#learning.recorded(file),
      onRecordingFailed: (reason) => this.#learning.recordingFailed(reason),
    });
    this.#model = new ModelInUse(stored.id, context, {
      model: () => (this.#stored.life === 'watching' ? this.#stored.model : null),
      decoder: () => this.#sight.decoder,
      settings: () => this.#inForce.now,
      size: () => this.#sight.size,
      expectedPace: () => this.#sight.expectedPace(this.settings.fps),
      scoresKnown: () => !this.#record.scoresOutdated,
      onChange: () => this.#recordingChanged(),
    });
    this.#scoring = new CameraScoring(stored.id, context.inference, {
      watch: () => this.#watch,
      see: (frame) => this.#model.see(frame),
      sceneChanged: () => this.#sight.scene !== null,
      onChange: () => this.#shown.changed(),
    });
    this.#learning = new LearningUnderWay(stored.id, context, {
      record: this.#record,
      footage: this.#footage,
      sceneChanged: () => this.#sight.scene !== null,
      onRecording: () => this.#applyRecording(),
      onChange: () => this.#shown.changed(),
      onTraining: (normal) => this.#watch?.beingLearned(normal),
      onLearned: (learned) => this.#underWay.add(this.#learned(learned)),
    });
    this.#underWay = new UnderWay((error) =>
      context.logger.error({ camera: this.id, err: error }, 'fault'),
    );
    this.#shown = new ShownState(
      () => this.#situation(),
      () => context.onChange(this.id),
    );
  }

  get overlay(): StoredCamera['overlay'] {
    return this.#stored.overlay;
  }

  get settings(): CameraSettings {
    return this.#stored.settings;
  }

  /** The last picture for the page. */
  get picture(): LivePicture | undefined {
    return this.#sight.picture;
  }

  get heatmap(): Heatmap | undefined {
    return this.#scoring.heatmap;
  }

  get alarm(): boolean {
    return this.#watch?.alarm ?? false;
  }

  /** Memory of its decoder, in bytes. */
  get residentBytes(): number {
    return this.#sight.decoder?.residentBytes ?? 0;
  }

  /** Frames a second that should be scored, and that are: undefined until that can be said. */
  get pace(): { readonly expected: number; readonly scored: number | undefined } {
    return { expected: this.#sight.expectedPace(this.settings.fps), scored: this.#watch?.pace };
  }

  /** In force. */
  get threshold(): number | null {
    return this.#watch?.keeper.level ?? this.#stored.threshold?.threshold ?? null;
  }

  /** Writes the scores that were seen. */
  flushScores(): void {
    this.#watch?.flushScores();
  }

  /** Takes up the life that is stored. */
  start(): void {
    if (this.#stored.life === 'stopped' || this.#sight.decoder) return;
    const { learning } = this.#stored;
    this.#scoring.begin();
    this.#sight.open(this.#inForce.taken());
    void this.#model.open();
    if (learning) this.#learning.start(learning);
    this.#shown.changed();
  }

  /** Ends what runs; what is stored stays. */
  async close(): Promise<void> {
    const endDecoder = this.#sight.leave();
    this.#learning.stop();
    this.#footage.close();
    const closed = this.#model.close();
    await Promise.race([closed, pause(LAST_PICTURES, undefined, { ref: false })]);
    await endDecoder();
    await closed;
    await this.#underWay.settled();
    this.#model.forget();
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
  async change(settings: CameraSettings, { model, overlay }: LifeChange = {}): Promise<void> {
    const before = this.#stored.settings;
    const changed = (key: 'source' | 'fps') => !isDeepStrictEqual(before[key], settings[key]);
    const reopened = changed('source') || changed('fps') || model !== undefined;
    if (reopened) await this.close();
    this.#save({ settings, ...(overlay !== undefined && { overlay }) });
    if (model) this.#record.useModel(settings.model!, model);
    if (changed('source')) await rm(this.#context.folder.scene(this.id), { force: true });
    if (reopened) this.start();
    this.apply();
    this.#recordingChanged();
  }

  /** Takes up what is in force now: by its settings, or by another profile. */
  apply(): void {
    if (this.#inForce.apply()) this.keeperChanged();
  }

  /**
   * Learns, or does the last learning again: what was collected for it, and what was judged. The model
   * in use keeps watching meanwhile, unless another scene is learned.
   * @throws UserError where the last learning cannot be done again
   */
  async learn(asked: LearningSettings | 'again'): Promise<void> {
    const again = asked === 'again';
    const plan = again ? this.#learning.again(this.#sight.scene) : { settings: asked };
    this.#learning.stop();
    // A model that was learned a moment ago comes into use first.
    await this.#underWay.settled();
    const { life, resumed, model } = this.#stored;
    const watching = (life === 'stopped' ? resumed : life) === 'watching' && model !== null;
    const moved = !again && this.#sight.scene !== null;
    if (moved) this.#footage.dropAll();
    if (!watching || moved) await this.#model.close();
    const learning = await this.#learning.next(plan);
    // Without it the scene is learned again, even if this service or the decoder ends first.
    if (!again) await rm(this.#context.folder.scene(this.id), { force: true });
    this.#save({ life: watching && !moved ? 'watching' : 'learning', learning });
    if (this.#sight.decoder) {
      if (!again) this.#sight.decoder.learnScene();
      this.#learning.start(learning);
    } else this.start();
    this.#shown.changed();
  }

  scored(score: CameraScore): void {
    this.#scoring.scored(score);
  }

  scoringLost(reason: string, givenUp: boolean): void {
    this.#scoring.processLost(reason, givenUp);
  }

  scoringReady(): void {
    this.#scoring.processReady();
  }

  modelFailed(reason: string): void {
    this.#underWay.add(this.#model.failed(reason));
  }

  /** What keeps its budget; undefined while nothing watches. */
  get keeper(): CameraKeeper | undefined {
    return this.#watch?.keeper;
  }

  /** Something that its keeper knows has changed: a verdict, the budget. */
  keeperChanged(): void {
    const watch = this.#watch;
    if (!watch) return;
    watch.keep();
    this.#save({ threshold: watch.keeper.threshold });
  }

  /** An event under way was deleted. */
  dismiss(event: string): void {
    this.#watch?.dismiss(event);
    this.#shown.changed();
  }

  /** Called once a second. */
  tick(): void {
    this.#record.retry();
    this.#watch?.tick();
    this.#learning.tick(this.#sight.contact === 'online' && this.#sight.scene === null);
    this.#shown.tick();
  }

  status(): CameraStatus {
    const { id, fromFile } = this;
    return statusOf(
      { id, fromFile, stored: this.#stored, shown: this.#shown.now, sight: this.#sight },
      { learning: this.#learning.current, watch: this.#watch },
      this.#context,
    );
  }

  #sceneChanged(change: SceneChange | null): void {
    if (change !== null) this.#watch?.retract(sceneWords[change]);
    this.#learning.current?.pause(change !== null);
    this.#recordingChanged();
  }

  async #learned(learned: Learned): Promise<void> {
    const { model } = learned;
    const { out } = this.#stored.learning!;
    const closed = this.#model.close();
    this.#learning.done();
    await closed;
    // The model's own threshold serves until there are scores again.
    this.#record.useLearned(learned);
    this.#shown.changed();
    this.#model.use(out, model);
    if (!this.#sight.decoder) return;
    this.keeperChanged();
    // What is stored may still name the one before.
    if (this.#record.saved) await dropOtherModels(this.#context.folder.models(this.id), out);
    this.#learning.dropUseless();
  }

  #applyRecording(): void {
    const { decoder, scene } = this.#sight;
    const folder = this.#context.folder.footage(this.id);
    const watching = this.#watch && recordingFor(this.settings.learning.preset, folder);
    const wanted = this.#learning.recording ?? watching;
    this.#footage.record(decoder, scene === null ? wanted : undefined);
  }

  #recordingChanged(): void {
    this.#applyRecording();
    this.#shown.changed();
  }

  get #stored(): StoredCamera {
    return this.#record.stored;
  }

  get #watch(): CameraWatch | undefined {
    return this.#model.watch;
  }

  #save(change: Partial<StoredCamera>): void {
    this.#record.save(change);
    this.#shown.changed();
  }

  #situation(): Situation {
    return {
      life: this.#stored.life,
      contact: this.#sight.contact,
      contactReason: this.#sight.contactReason,
      scene: this.#sight.scene,
      modelTrouble: this.#model.trouble,
      scoringLost: this.#scoring.lost,
      learning: this.#learning.current,
      watch: this.#watch,
      expectedPace: this.#sight.expectedPace(this.settings.fps),
    };
  }
}
