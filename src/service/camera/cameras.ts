import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { SetInFile } from '../config/set-in-file.ts';
import {
  type BudgetPreview,
  type CameraChange,
  type CameraOverlay,
  type CameraSettings,
  type CameraStatus,
  cameraOverlay,
  type LearningSettings,
  type OverlayKey,
  type RegionPreview,
  type ScoreSeries,
} from '../contract/camera.ts';
import type { AnomalyEvent, Verdict } from '../contract/event.ts';
import type { ConfigurationFile } from '../contract/settings.ts';
import { ifRoom } from '../disk/if-room.ts';
import { requireModelFolder } from '../files/data-folder.ts';
import type { CameraScore, LivePicture } from '../parts.ts';
import { requireAllowedSource } from '../secrets/address.ts';
import { keepSourceSecrets } from '../secrets/secrets.ts';
import { asConfigured, given, overlayWithout } from './configured.ts';
import type { CameraContext } from './context.ts';
import { judged } from './judging.ts';
import { CameraLife } from './life.ts';
import { firstLearning, newCamera, requireFootage } from './new-camera.ts';
import { OddMinutes } from './odd-minutes.ts';
import { overlaid } from './overlaid.ts';
import { budgetPreviewOf, regionPreviewOf } from './previews.ts';
import { scoreSeries } from './score-series.ts';
import { endUnfinished } from './unfinished.ts';

/** All cameras by their ids, and what is asked of them. Orders to one camera wait for each other. */
export class Cameras {
  readonly oddMinutes: OddMinutes;
  readonly #context: CameraContext;
  readonly #lives = new Map<string, CameraLife>();
  /** Settings as the configuration file has them. */
  readonly #inFile = new Map<string, CameraSettings>();
  readonly #orders = new Map<string, Promise<unknown>>();

  constructor(context: CameraContext) {
    this.#context = context;
    this.oddMinutes = new OddMinutes({
      store: context.store,
      folder: context.folder,
      files: context.files,
      isCamera: (id) => this.#lives.has(id),
      onJudged: (...judged) => this.oddMinuteJudged(...judged),
    });
  }

  /** Takes up the lives of those that are stored, and of those that the configuration file has. */
  start(configured: ConfigurationFile['cameras']): void {
    const { store } = this.#context;
    const stored = new Map(store.cameras().map((camera) => [camera.id, camera]));
    for (const { id, ...file } of configured) {
      const settings = { ...file, ...given(stored.get(id)?.overlay) };
      this.#inFile.set(id, file);
      const camera = asConfigured(
        id,
        stored.get(id),
        settings,
        firstLearning(id, settings, this.#context.folder),
      );
      ifRoom(() => {
        if (camera.model !== stored.get(id)?.model) store.removeScores(id, Number.MAX_SAFE_INTEGER);
        store.saveCamera(camera);
      });
      stored.set(id, camera);
    }
    const fromFile = new Set(configured.map(({ id }) => id));
    for (const camera of stored.values())
      this.#lives.set(camera.id, new CameraLife(camera, fromFile.has(camera.id), this.#context));
    for (const life of this.#lives.values()) life.start();
  }

  /**
   * Takes up the life of one that is stored, which another worker may have had.
   * @throws CannotStore
   */
  adopt(id: string): void {
    const { store, events } = this.#context;
    const stored = store.cameras().find((camera) => camera.id === id);
    if (!stored || this.#lives.has(id)) return;
    const life = new CameraLife(stored, false, this.#context);
    endUnfinished(store, events, id);
    this.#lives.set(id, life);
    life.start();
    this.#context.onChange(id);
  }

  /** Ends the life of one that another worker takes up, or has already. */
  async release(id: string): Promise<void> {
    await this.#orders.get(id);
    const life = this.#lives.get(id);
    if (!life) return;
    await life.close();
    this.#lives.delete(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#orders.values()]);
    await Promise.all([...this.#lives.values()].map((life) => life.close()));
  }

  get ids(): readonly string[] {
    return [...this.#lives.keys()];
  }

  /** Memory of each camera's decoder, in bytes. */
  get decoders(): readonly Pick<CameraLife, 'id' | 'residentBytes'>[] {
    return [...this.#lives.values()];
  }

  /** Frames a second of each that should be scored, and that are; milliseconds from a frame to its score. */
  get paces(): readonly (CameraLife['pace'] & { readonly lag: number | null })[] {
    const { inference } = this.#context;
    return [...this.#lives.values()].map(({ id, pace }) => ({
      ...pace,
      lag: inference.counts(id).latencyMs,
    }));
  }

  /** Called once a second. */
  tick(): void {
    for (const life of this.#lives.values()) life.tick();
  }

  all(): CameraStatus[] {
    return [...this.#lives.values()].map((life) => life.status());
  }

  status(id: string): CameraStatus | undefined {
    return this.#lives.get(id)?.status();
  }

  name(id: string): string {
    return this.#lives.get(id)?.settings.name ?? id;
  }

  /** Whether something is not normal there now. */
  alarm(id: string): boolean {
    return this.#lives.get(id)?.alarm ?? false;
  }

  picture(id: string): LivePicture | undefined {
    return this.#lives.get(id)?.picture;
  }

  /** The last picture with what stands out in it. */
  async overlaid(id: string): Promise<LivePicture | undefined> {
    const life = this.#lives.get(id);
    return life?.picture && overlaid(life.picture, life.heatmap, life.alarm);
  }

  scored(id: string, score: CameraScore): void {
    this.#lives.get(id)?.scored(score);
  }

  modelFailed(id: string, reason: string): void {
    this.#lives.get(id)?.modelFailed(reason);
  }

  /** No frame can be scored until {@link scoringReady}. */
  scoringLost(reason: string, givenUp: boolean): void {
    for (const life of this.#lives.values()) life.scoringLost(reason, givenUp);
  }

  scoringReady(): void {
    for (const life of this.#lives.values()) life.scoringReady();
  }

  /** @throws UserError where its source or its model cannot be used */
  async add(settings: CameraSettings): Promise<CameraStatus> {
    const { store, models, folder } = this.#context;
    const camera = await newCamera(settings, models, folder);
    store.saveCamera(camera);
    const life = new CameraLife(camera, false, this.#context);
    this.#lives.set(camera.id, life);
    life.start();
    return life.status();
  }

  /**
   * Replaces each key that is given as a whole. An address whose user and password are `***` keeps
   * those that it has.
   * @throws UserError where its source or its model cannot be used: it stays as it is
   * @throws SetInFile
   */
  change(id: string, change: CameraChange): Promise<CameraStatus | undefined> {
    const over = cameraOverlay.safeParse(change);
    if (this.#lives.get(id)?.fromFile && over.success) return this.#layOver(id, over.data);
    return this.#order(id, async (life) => {
      const before = life.settings;
      const settings = { ...before, ...change } as CameraSettings;
      const source = keepSourceSecrets(settings.source, before.source);
      if (!isDeepStrictEqual(source, before.source)) requireAllowedSource(source);
      requireFootage(settings.learning);
      const other = settings.model !== undefined && settings.model !== before.model;
      const model = other
        ? await this.#context.models.check(requireModelFolder(settings.model!))
        : undefined;
      await life.change({ ...settings, source }, { model });
    });
  }

  /** Drops what was changed here of a camera that the configuration file has. @param key that alone */
  dropOverlay(id: string, key?: OverlayKey): Promise<CameraStatus | undefined> {
    const file = this.#inFile.get(id);
    return this.#order(
      id,
      async (life) => {
        const overlay = key === undefined ? null : overlayWithout(life.overlay, key);
        if (file) await life.change({ ...file, ...given(overlay) }, { overlay });
      },
      false,
    );
  }

  /** Lays a change over what the configuration file says. */
  #layOver(id: string, change: CameraOverlay): Promise<CameraStatus | undefined> {
    return this.#order(
      id,
      async (life) => {
        const overlay = { ...life.overlay, ...change };
        await life.change({ ...life.settings, ...given(overlay) }, { overlay });
      },
      false,
    );
  }

  /** With its events, clips, footage and models. @throws SetInFile */
  async remove(id: string): Promise<boolean> {
    const { store, folder, files, events } = this.#context;
    const name = this.name(id);
    const removed = await this.#order(id, async (life) => {
      await life.close();
      events.forget(id);
      // Files first: on a full disk they make the room that the rows need to go.
      for (const path of [folder.models(id), folder.footage(id), folder.odd(id), folder.scene(id)])
        await rm(path, { recursive: true, force: true });
      const kept = store.eventsBetween(id, 0, Number.MAX_SAFE_INTEGER);
      for (const { path } of store.footage(id)) files.removeFootage(path);
      store.removeCamera(id);
      this.#lives.delete(id);
      for (const event of kept) files.removeEvent(event.id);
    });
    if (!removed) return false;
    this.#context.onRemoved({ id, name });
    return true;
  }

  resume(id: string): Promise<CameraStatus | undefined> {
    return this.#order(id, async (life) => life.resume(), false);
  }

  stop(id: string): Promise<CameraStatus | undefined> {
    return this.#order(id, (life) => life.stop(), false);
  }

  /** Starts another learning. @throws UserError where there is no such footage */
  learn(id: string, learning: LearningSettings): Promise<CameraStatus | undefined> {
    requireFootage(learning);
    return this.#order(id, (life) => life.learn(learning), false);
  }

  /** Does the last learning again, with what was judged. @throws UserError where it cannot be done */
  learnAgain(id: string): Promise<CameraStatus | undefined> {
    return this.#order(id, (life) => life.learn('again'), false);
  }

  scores(id: string, from: number, to: number, points: number): ScoreSeries | undefined {
    const life = this.#lives.get(id);
    if (!life) return undefined;
    life.flushScores();
    const stretches = this.#context.store.scores(id, from, to);
    return { ...scoreSeries(stretches, from, to, points), threshold: life.threshold };
  }

  /** @throws UserError where no model watches */
  previewBudget(id: string, alarmsPerDay: number): BudgetPreview | undefined {
    const life = this.#lives.get(id);
    return life && budgetPreviewOf(life, this.#context, alarmsPerDay);
  }

  /** @throws UserError where no model watches */
  previewRegions(id: string, regions: CameraSettings['regions']): RegionPreview | undefined {
    const life = this.#lives.get(id);
    return life && regionPreviewOf(life, this.#context, regions);
  }

  /** Another profile is in force. */
  profileChanged(): void {
    for (const life of this.#lives.values()) life.apply();
  }

  /** What was said of an odd minute acts at once. */
  oddMinuteJudged(id: string, odd: string, verdict: Verdict): void {
    const life = this.#lives.get(id);
    life?.keeper?.oddMinuteJudged(odd, verdict);
    life?.keeperChanged();
    this.#context.onChange(id);
  }

  /**
   * What a person said of an event acts at once.
   * @returns what it did, in a sentence; null where it did nothing
   */
  judged(event: AnomalyEvent): string | null {
    const life = this.#lives.get(event.camera);
    return life ? judged(life, event, this.#context.store) : null;
  }

  /** How much higher than an event's peak another may be that is like it. */
  likeMargin(id: string): number {
    return this.#lives.get(id)?.keeper?.likeMargin ?? 0;
  }

  /** An event under way was deleted. */
  dismissed({ camera, id }: Pick<AnomalyEvent, 'camera' | 'id'>): void {
    this.#lives.get(camera)?.dismiss(id);
  }

  async #order(
    id: string,
    work: (life: CameraLife) => Promise<void>,
    changes = true,
  ): Promise<CameraStatus | undefined> {
    const life = this.#lives.get(id);
    if (!life) return undefined;
    if (changes && life.fromFile)
      throw new SetInFile(`camera ${id} is set in the configuration file; change it there`);
    const before = this.#orders.get(id) ?? Promise.resolve();
    const order = before.then(async () => {
      // It was removed while this order waited.
      if (this.#lives.get(id) !== life) return undefined;
      await work(life);
      return life.status();
    });
    const over = order
      .catch(() => undefined)
      .finally(() => {
        if (this.#orders.get(id) === over) this.#orders.delete(id);
      });
    this.#orders.set(id, over);
    return order;
  }
}
