import { rm } from 'node:fs/promises';
import { BudgetKeeper } from '../../scoring/budget/keeper.ts';
import { countsOf } from '../camera/counts.ts';
import { learningAgain } from '../camera/learning-again.ts';
import type { ModelChecks } from '../camera/model-checks.ts';
import { newCamera } from '../camera/new-camera.ts';
import { OddMinutes } from '../camera/odd-minutes.ts';
import { scoreSeries } from '../camera/score-series.ts';
import type {
  CameraSettings,
  CameraStatus,
  LearningSettings,
  ScoreSeries,
} from '../contract/camera.ts';
import type { DataFolder } from '../files/data-folder.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import { CannotStore, NoWorker, type Store, type StoredCamera } from '../parts.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { maskCameraSettings } from '../secrets/secrets.ts';

/** Milliseconds that a camera may take to go from one worker to another. */
const MOVES = 30_000;

const NOTHING_COUNTED = { dropped: 0, scored: 0, latencyMs: null };

export interface RemoteCamerasOptions {
  readonly store: Store;
  readonly models: ModelChecks;
  readonly folder: DataFolder;
  readonly files: Pick<ServiceFiles, 'removeEvent' | 'removeFootage' | 'fetch'>;
  readonly schedule: Pick<Schedule, 'snoozedUntil'>;
  /** Whether any worker takes cameras. */
  readonly workers: () => boolean;
  readonly onChange: (camera: string) => void;
  readonly onRemoved: (camera: { readonly id: string; readonly name: string }) => void;
}

/** What was last heard of a camera. */
interface Heard {
  readonly status: CameraStatus;
  alarm: boolean;
}

/**
 * Cameras that live at workers, as a server knows them: by what workers say live, and by the store where
 * no worker has them. What only the life of a camera can answer is asked of its worker, before it
 * would be asked here.
 */
export class RemoteCameras {
  readonly oddMinutes: OddMinutes;
  readonly #options: RemoteCamerasOptions;
  #stored = new Map<string, StoredCamera>();
  readonly #heard = new Map<string, Heard>();
  #held: ReadonlySet<string> = new Set();
  /** Cameras that no worker can be heard of, and since when. */
  readonly #alone = new Map<string, { readonly since: number; readonly time: number }>();

  constructor(options: RemoteCamerasOptions) {
    this.#options = options;
    this.oddMinutes = new OddMinutes({
      store: options.store,
      folder: options.folder,
      files: options.files,
      isCamera: (id) => this.#stored.has(id),
      // Its worker takes the verdict up by the order that the database writes with it.
      onJudged: (camera) => options.onChange(camera),
    });
  }

  /** Reads again which cameras there are. */
  reread(): void {
    try {
      this.#stored = new Map(this.#options.store.cameras().map((camera) => [camera.id, camera]));
    } catch (error) {
      // While the database is away the cameras are those of before.
      if (!(error instanceof CannotStore)) throw error;
    }
    for (const id of this.#heard.keys()) if (!this.#stored.has(id)) this.#heard.delete(id);
  }

  /** @param held cameras that workers have @param heard those of them whose workers can be heard */
  setHeld(held: ReadonlySet<string>, heard: ReadonlySet<string>): void {
    this.#held = held;
    for (const id of this.#stored.keys()) {
      const was = this.#alone.has(id);
      if (heard.has(id)) this.#alone.delete(id);
      else if (!was) this.#alone.set(id, { since: performance.now(), time: Date.now() });
      if (heard.has(id) === was) this.#options.onChange(id);
    }
  }

  /** A worker says how a camera stands. */
  hear(status: CameraStatus): void {
    const { id } = status;
    if (!this.#stored.has(id)) this.reread();
    this.#heard.set(id, { status, alarm: this.#heard.get(id)?.alarm ?? false });
    this.#options.onChange(id);
  }

  hearAlarm(id: string, alarm: boolean): void {
    const heard = this.#heard.get(id);
    if (!heard || heard.alarm === alarm) return;
    heard.alarm = alarm;
    this.#options.onChange(id);
  }

  hearRemoved(id: string): void {
    this.#stored.delete(id);
    this.#heard.delete(id);
    this.#alone.delete(id);
  }

  get ids(): readonly string[] {
    return [...this.#stored.keys()];
  }

  all(): CameraStatus[] {
    return this.ids.map((id) => this.status(id)!);
  }

  status(id: string): CameraStatus | undefined {
    const stored = this.#stored.get(id);
    if (!stored) return undefined;
    const heard = this.#heard.get(id)?.status;
    const status = heard ?? this.#unheard(stored);
    const snoozedUntil = this.#options.schedule.snoozedUntil(id);
    const alone = this.#alone.get(id);
    if (!alone && heard) return { ...status, snoozedUntil };
    return {
      ...status,
      snoozedUntil,
      lastScore: null,
      ...this.#standsAlone(stored, status, alone),
    };
  }

  name(id: string): string {
    return this.#stored.get(id)?.settings.name ?? id;
  }

  alarm(id: string): boolean {
    return !this.#alone.has(id) && (this.#heard.get(id)?.alarm ?? false);
  }

  /** @throws UserError where its source or its model cannot be used */
  async add(settings: CameraSettings): Promise<CameraStatus> {
    const { store, models, folder, onChange } = this.#options;
    const camera = await newCamera(settings, models, folder);
    const { id } = camera;
    store.saveCamera(camera);
    this.reread();
    onChange(id);
    return this.status(id)!;
  }

  /** One that no worker has: else its worker removes it. */
  async remove(id: string): Promise<boolean> {
    const { store, folder, files, onRemoved } = this.#options;
    if (!this.#stored.has(id)) return false;
    const name = this.name(id);
    const events = store.eventsBetween(id, 0, Number.MAX_SAFE_INTEGER);
    for (const { path } of store.footage(id)) files.removeFootage(path);
    store.removeCamera(id);
    for (const path of [folder.models(id), folder.footage(id), folder.odd(id), folder.scene(id)])
      await rm(path, { recursive: true, force: true });
    for (const event of events) files.removeEvent(event.id);
    this.hearRemoved(id);
    onRemoved({ id, name });
    return true;
  }

  scores(id: string, from: number, to: number, points: number): ScoreSeries | undefined {
    const camera = this.#stored.get(id);
    if (!camera) return undefined;
    const stretches = this.#options.store.scores(id, from, to);
    const threshold = camera.threshold?.threshold ?? null;
    return { ...scoreSeries(stretches, from, to, points), threshold };
  }

  likeMargin(id: string): number {
    const stored = this.#options.store.keeper(id);
    return stored ? BudgetKeeper.resume(stored.keeper).meanExcess : 0;
  }

  picture(id: string): never {
    throw new NoWorker(this.name(id));
  }

  overlaid(id: string): never {
    throw new NoWorker(this.name(id));
  }

  change(id: string): never {
    throw new NoWorker(this.name(id));
  }

  dropOverlay(id: string): never {
    throw new NoWorker(this.name(id));
  }

  resume(id: string): never {
    throw new NoWorker(this.name(id));
  }

  stop(id: string): never {
    throw new NoWorker(this.name(id));
  }

  learn(id: string, _: LearningSettings): never {
    throw new NoWorker(this.name(id));
  }

  learnAgain(id: string): never {
    throw new NoWorker(this.name(id));
  }

  previewBudget(id: string): never {
    throw new NoWorker(this.name(id));
  }

  previewRegions(id: string): never {
    throw new NoWorker(this.name(id));
  }

  #standsAlone(
    { id, life }: StoredCamera,
    { state, since }: CameraStatus,
    alone: { readonly since: number; readonly time: number } | undefined,
  ): Pick<CameraStatus, 'state' | 'detail' | 'since'> {
    if (life === 'stopped') return { state: 'stopped', detail: 'Stopped', since };
    if (!alone || performance.now() - alone.since < MOVES)
      return { state, since, detail: 'Reconnecting: a worker takes it up' };
    return { state: 'offline', detail: this.#whyAlone(id), since: alone.time };
  }

  #whyAlone(id: string): string {
    if (this.#held.has(id)) return 'A worker has it that this server does not reach: see the fleet';
    if (this.#options.workers()) return 'No worker has room for it: start another';
    return 'No worker runs: start one with m2s2l worker';
  }

  #unheard(stored: StoredCamera): CameraStatus {
    const { id, settings, life, threshold, created, overlay } = stored;
    const { store } = this.#options;
    return {
      id,
      settings: maskCameraSettings(settings),
      fromFile: false,
      overlay: Object.keys(overlay ?? {}),
      state: life,
      since: created,
      detail: '',
      scene: null,
      progress: null,
      threshold,
      trust: null,
      light: null,
      otherRegions: false,
      snoozedUntil: null,
      verdictsWaiting: 0,
      learnAgain: learningAgain(stored, null, store),
      size: null,
      counts: countsOf(undefined, NOTHING_COUNTED),
      lastScore: null,
      oddMinutes: store.oddMinutes(id).filter(({ verdict }) => verdict === 'open').length,
    };
  }
}
