import { modelThreshold } from '../budget/threshold-in-force.ts';
import type { ThresholdInForce } from '../contract/camera.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { CheckedModel, Learned, Store, StoredCamera } from '../parts.ts';

type RecordStore = Pick<
  Store,
  'saveCamera' | 'removeScores' | 'addScores' | 'addOddMinutes' | 'footageSeconds'
>;

/**
 * What is stored of one camera. On a full disk its life goes on, and is stored when there is room
 * again.
 */
export class CameraRecord {
  readonly #store: RecordStore;
  #stored: StoredCamera;
  #saved = true;
  #replaceScores: (() => void) | undefined;

  constructor(stored: StoredCamera, store: RecordStore) {
    this.#stored = stored;
    this.#store = store;
  }

  get stored(): StoredCamera {
    return this.#stored;
  }

  /** Whether the disk has it as it is. */
  get saved(): boolean {
    return this.#saved;
  }

  /** Whether the score history is the old model's still: no budget may follow from it. */
  get scoresOutdated(): boolean {
    return this.#replaceScores !== undefined;
  }

  save(change: Partial<StoredCamera>): void {
    this.#stored = { ...this.#stored, ...change };
    this.#saved = false;
    this.retry();
  }

  /** Another model comes into use, whose score history begins now. */
  useModel(model: string, checked: CheckedModel): void {
    const threshold = this.#thresholdOf(checked);
    this.#replaceScores = () => this.#store.removeScores(this.#stored.id, Number.MAX_SAFE_INTEGER);
    const life = this.#stored.life === 'stopped' ? 'stopped' : 'watching';
    this.save({ life, resumed: 'watching', model, threshold, learning: null });
  }

  /** The model of the learning under way comes into use, with the scores of its held-out footage. */
  useLearned({ model, heldOut, oddMinutes }: Learned): void {
    const { id } = this.#stored;
    const { out, settings, span = null } = this.#stored.learning!;
    const seconds = span ? this.#store.footageSeconds(id, span) : 0;
    const threshold = this.#thresholdOf(model);
    this.#replaceScores = () => {
      this.#store.removeScores(id, Number.MAX_SAFE_INTEGER);
      for (const stretch of heldOut) this.#store.addScores(id, stretch);
      this.#store.addOddMinutes(oddMinutes.map((odd) => ({ ...odd, verdict: 'open' as const })));
    };
    const learned = { settings, span, seconds };
    this.save({ life: 'watching', model: out, threshold, learning: null, learned });
  }

  /** Tries again what found no room. */
  retry(): void {
    if (this.#replaceScores && ifRoom(this.#replaceScores)) this.#replaceScores = undefined;
    if (!this.#saved) this.#saved = ifRoom(() => this.#store.saveCamera(this.#stored));
  }

  #thresholdOf({ threshold }: CheckedModel): ThresholdInForce {
    return modelThreshold(threshold, this.#stored.settings.budget.alarmsPerDay);
  }
}
