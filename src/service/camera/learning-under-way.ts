import { rm } from 'node:fs/promises';
import { presetConfiguration } from '../../model/presets.ts';
import type { FrameFormat } from '../../video/frame.ts';
import type { SceneChange } from '../contract/camera.ts';
import type { Learned, RecordedFile, Recording, Span, StoredCamera } from '../parts.ts';
import type { CameraFootage } from './camera-footage.ts';
import type { CameraContext } from './context.ts';
import { CameraLearning } from './learning.ts';
import { type LearningOrder, toLearnAgain } from './learning-again.ts';
import { nextModelFolder } from './model-folders.ts';
import type { CameraRecord } from './record.ts';

/** Milliseconds by which a clock may have been set back before that is seen. */
const UNSEEN = 5000;

type Learning = NonNullable<StoredCamera['learning']>;

export interface LearningCamera {
  readonly record: CameraRecord;
  readonly footage: CameraFootage;
  /** Whether it shows another scene than the one it learned. */
  sceneChanged(): boolean;
  /** What should be recorded has changed. */
  onRecording(): void;
  onChange(): void;
  /** @param normal events judged normal whose footage is being learned */
  onTraining(normal: readonly string[]): void;
  onLearned(learned: Learned): void;
}

/** The learning that a camera's record names, if there is one. */
export class LearningUnderWay {
  readonly #id: string;
  readonly #context: Pick<CameraContext, 'folder' | 'store' | 'learner'>;
  readonly #camera: LearningCamera;
  #learning: CameraLearning | undefined;
  #collected: Recording | undefined;

  constructor(
    id: string,
    context: Pick<CameraContext, 'folder' | 'store' | 'learner'>,
    camera: LearningCamera,
  ) {
    this.#id = id;
    this.#context = context;
    this.#camera = camera;
  }

  get current(): CameraLearning | undefined {
    return this.#learning;
  }

  /** What it collects. */
  get recording(): Recording | undefined {
    return this.#collected;
  }

  /**
   * What the last learning was of.
   * @throws UserError where it cannot be done again
   */
  again(scene: SceneChange | null): LearningOrder {
    return toLearnAgain(this.#camera.record.stored, scene, this.#context.store);
  }

  /** A learning in a folder of its own; what the one under way has left goes. */
  async next(order: LearningOrder): Promise<Learning> {
    const { learning } = this.#camera.record.stored;
    if (learning) await rm(learning.out, { recursive: true, force: true });
    const out = await nextModelFolder(this.#context.folder.models(this.#id));
    return { ...order, out, begun: Date.now() };
  }

  start(started: Learning): void {
    const { settings, out, begun, span } = started;
    const { folder, store, learner } = this.#context;
    const { record, footage } = this.#camera;
    const format = presetConfiguration(settings.preset).input as FrameFormat;
    this.#learning = new CameraLearning(
      {
        camera: this.#id,
        settings,
        out,
        begun,
        collected: span !== undefined,
        alarmsPerDay: record.stored.settings.budget.alarmsPerDay,
        footageFolder: folder.footage(this.#id),
        oddFolder: folder.odd(this.#id),
        regions: record.stored.settings.regions,
      },
      format,
      store,
      learner,
      {
        record: (path) => {
          this.#collected = path === null ? undefined : { folder: path, format };
          this.#camera.onRecording();
        },
        footage: () => footage.toLearn(spanOf(started)),
        confirmed: () => footage.confirmed(),
        onTraining: () => this.#training(),
        onChange: () => this.#changed(),
        onLearned: (learned) => this.#camera.onLearned(learned),
      },
    );
    this.#learning.start();
    if (this.#camera.sceneChanged()) this.#learning.pause(true);
  }

  stop(): void {
    this.#learning?.stop();
    this.#learning = undefined;
    this.#collected = undefined;
  }

  /** A file of footage is whole: of the learning, or of the watching beside it. */
  recorded(file: RecordedFile): void {
    if (this.#camera.footage.recorded(file)) this.#learning?.recorded();
    else this.#learning?.recordingFailed('the disk is full');
    this.dropUseless();
  }

  recordingFailed(reason: string): void {
    this.#camera.footage.failed();
    this.#learning?.recordingFailed(reason);
  }

  /** Drops the footage that no learning needs. */
  dropUseless(): void {
    const { learning, learned } = this.#camera.record.stored;
    const begun = learning ? spanOf(learning).from : Number.POSITIVE_INFINITY;
    this.#camera.footage.dropUseless({ begun, learned: learned?.span ?? null });
  }

  /** Its model is in the record. */
  done(): void {
    this.#learning = undefined;
  }

  /** Called once a second. @param recording whether footage comes in */
  tick(recording: boolean): void {
    this.#followClock();
    this.#learning?.tick(recording);
  }

  /** What is recorded after the clock was set back would be older than the collecting, and count for nothing. */
  #followClock(): void {
    const { record } = this.#camera;
    const { learning } = record.stored;
    const now = Date.now();
    if (!learning || learning.begun <= now) return;
    if (this.#learning?.progress?.phase !== 'collecting') return;
    this.#learning.stop();
    const followed = { ...learning, begun: now - UNSEEN };
    record.save({ learning: followed });
    this.start(followed);
  }

  #training(): void {
    const { record, footage, onTraining } = this.#camera;
    const learning = record.stored.learning!;
    const { begun, span, settings } = learning;
    const collected = settings.file === undefined && span === undefined;
    const to = footage.all.at(-1)?.to ?? Date.now();
    if (collected) record.save({ learning: { ...learning, span: { from: begun, to } } });
    onTraining(footage.learnedAsNormal(spanOf(record.stored.learning!)));
  }

  #changed(): void {
    const { record } = this.#camera;
    const { life } = record.stored;
    const now = this.#learning?.progress?.phase === 'calibrating' ? 'calibrating' : 'learning';
    if (life !== 'watching' && life !== now) record.save({ life: now });
    this.#camera.onChange();
  }
}

/** When the footage of a learning is collected, or was; never where it is a file. */
function spanOf({ settings, begun, span }: Learning): Span {
  if (settings.file !== undefined) return { from: Number.MAX_VALUE, to: Number.MAX_VALUE };
  return span ?? { from: begun, to: Number.MAX_VALUE };
}
