import type { Signature } from '../../scoring/budget/verdict-memory.ts';
import type { LightName } from '../../scoring/light/clusters.ts';
import type { PlaceMap } from '../../scoring/regions/place-map.ts';
import type { OddMinute } from '../contract/camera.ts';
import type { AnomalyEvent, EventKind, EventPage, Verdict } from '../contract/event.ts';
import type { DayCounts, InboxAnswer } from '../contract/inbox.ts';
import type { ServiceSettings } from '../contract/settings.ts';
import type {
  EventChange,
  NewEvent,
  OutboxEntry,
  RecordedFile,
  ScoredStretch,
  SeenEvents,
  Span,
  Store,
  StoredCamera,
  StoredKeeper,
} from '../parts.ts';
import { AccessStore } from './access-store.ts';
import { ArchiveTable } from './archive-table.ts';
import { CameraTable } from './camera-table.ts';
import type { Database } from './database.ts';
import { EventTable } from './event-table.ts';
import { FootageTable } from './footage-table.ts';
import { KeeperTable } from './keeper-table.ts';
import { OutboxTable } from './outbox-table.ts';
import { PlaceMapTable } from './place-map-table.ts';
import { ReadGuard } from './read-guard.ts';
import { RemovalTable } from './removal-table.ts';
import { ScheduleTable } from './schedule-table.ts';
import { ScoreTable } from './score-table.ts';
import { SentStateTable } from './sent-state-table.ts';
import { SettingsTable } from './settings-table.ts';
import type { StoredPaths } from './stored-paths.ts';

type Messages = readonly { readonly url: string; readonly body: string }[];

/**
 * {@link Store} in one SQL database. What it says is on the disk when a call returns, but for scores and the
 * last use of tokens, of which a loss of power may take the last seconds.
 */
export class SqlStore extends AccessStore implements Store {
  readonly schedule: ScheduleTable;
  /** Of a PostgreSQL database: one machine has no archive. */
  readonly archive: ArchiveTable;
  readonly #database: Database;
  readonly #onClose: () => void;
  readonly #cameras: CameraTable;
  readonly #events: EventTable;
  readonly #keepers: KeeperTable;
  readonly #scores: ScoreTable;
  readonly #maps: PlaceMapTable;
  readonly #footage: FootageTable;
  readonly #outbox: OutboxTable;
  readonly #removals: RemovalTable;
  readonly #settings: SettingsTable;
  readonly #sentStates: SentStateTable;

  constructor(database: Database, paths: StoredPaths, onClose: () => void = () => undefined) {
    super(database, new ReadGuard(database));
    this.#database = database;
    this.#onClose = onClose;
    this.#cameras = new CameraTable(database, paths);
    this.#events = new EventTable(database);
    this.#keepers = new KeeperTable(database);
    this.#scores = new ScoreTable(database);
    this.#maps = new PlaceMapTable(database);
    this.schedule = new ScheduleTable(database);
    this.archive = new ArchiveTable(database, paths);
    this.#footage = new FootageTable(database, paths);
    this.#outbox = new OutboxTable(database);
    this.#removals = new RemovalTable(database, paths);
    this.#settings = new SettingsTable(database);
    this.#sentStates = new SentStateTable(database);
  }

  /** Why it cannot store, in one line, once damage was met. */
  get damage(): string | undefined {
    return this.guard.damage;
  }

  /**
   * Reads what a start needs.
   * @throws StoreDamaged where a row cannot be understood
   */
  requireReadable(): void {
    this.settings();
    this.tokens();
    for (const { id } of this.cameras()) {
      this.oddMinutes(id);
      this.footage(id);
    }
    this.openEvents();
  }

  /**
   * From now on damage does not throw where the service reads for itself: cameras are still scored
   * while nothing can be stored. Before, a read that gave nothing would pass for files without rows.
   */
  surviveDamage(): void {
    this.guard.surviveDamage();
  }

  cameras(): StoredCamera[] {
    return this.guard.read(() => this.#cameras.all());
  }

  saveCamera(camera: StoredCamera): void {
    this.#cameras.save(camera);
  }

  removeCamera(id: string): void {
    this.#cameras.remove(id);
  }

  addEvent(event: NewEvent, outbox: Messages): void {
    this.#database.transaction(() => {
      this.#events.add(event);
      this.#outbox.add(outbox);
    });
  }

  updateEvent(id: string, change: EventChange, outbox: Messages = []): AnomalyEvent | undefined {
    return this.#database.transaction(() => {
      const event = this.#events.update(id, change);
      if (event !== undefined) this.#outbox.add(outbox);
      return event;
    });
  }

  removeEvent(id: string): boolean {
    return this.#database.transaction(() => this.#events.remove(id));
  }

  event(id: string): AnomalyEvent | undefined {
    return this.guard.read(() => this.#events.get(id));
  }

  events(filter: SeenEvents): EventPage {
    return this.guard.read(() => this.#events.page(filter));
  }

  openEvents(): AnomalyEvent[] {
    return this.guard.read(() => this.#events.open());
  }

  eventsBetween(camera: string, from: number, to: number, kind?: EventKind): AnomalyEvent[] {
    return this.guard.read(() => this.#events.between(camera, from, to, kind), []);
  }

  /** What every event is said to have, by its id. */
  eventFiles(): Map<string, { thumbnail: boolean; clip: boolean }> {
    return this.guard.read(() => this.#events.files());
  }

  /** The oldest that still have a clip, the oldest first, those that are kept last. */
  eventsWithClip(limit: number): AnomalyEvent[] {
    return this.guard.read(() => this.#events.withClip(limit), []);
  }

  /** The oldest that still have a thumbnail, the oldest first, those that are kept last. */
  eventsWithThumbnail(limit: number): AnomalyEvent[] {
    return this.guard.read(() => this.#events.withThumbnail(limit), []);
  }

  /** Near misses that nobody judged or marked, and that started before a time. */
  nearMissesBefore(time: number): AnomalyEvent[] {
    return this.guard.read(() => this.#events.nearMissesBefore(time), []);
  }

  eventsToJudge(): InboxAnswer['toJudge'] {
    return this.guard.read(() => this.#events.toJudge(), []);
  }

  eventDays(
    starts: readonly number[],
    camera: string | undefined,
    seen: readonly string[] | null,
  ): DayCounts[] {
    return this.guard.read(() => this.#events.days(starts, camera, seen));
  }

  signatures(id: string): readonly Signature[] {
    return this.#events.signatures(id);
  }

  keeper(camera: string, light?: LightName): StoredKeeper | undefined {
    return this.#keepers.get(camera, light);
  }

  saveKeeper(camera: string, keeper: StoredKeeper, light?: LightName): void {
    this.#keepers.save(camera, keeper, light);
  }

  addScores(camera: string, stretch: ScoredStretch): void {
    this.#scores.add(camera, stretch);
  }

  scores(camera: string, from: number, to: number, light?: LightName): ScoredStretch[] {
    return this.guard.read(() => this.#scores.between(camera, from, to, light), []);
  }

  removeScores(camera: string, before: number): void {
    this.#scores.removeBefore(camera, before);
    this.#maps.removeBefore(camera, before);
  }

  replaceScores(camera: string, stretches: readonly ScoredStretch[]): void {
    this.#scores.replace(camera, stretches);
  }

  addPlaceMap(camera: string, map: PlaceMap, light?: LightName): void {
    this.#maps.add(camera, map, light);
  }

  placeMaps(camera: string, from: number, to: number, light?: LightName): PlaceMap[] {
    return this.guard.read(() => this.#maps.between(camera, from, to, light), []);
  }

  removePlaceMaps(camera: string, before: number): void {
    this.#maps.removeBefore(camera, before);
  }

  addFootage(camera: string, file: RecordedFile): void {
    this.#footage.add(camera, file);
  }

  footage(camera: string): RecordedFile[] {
    return this.guard.read(() => this.#footage.of(camera), []);
  }

  footageSeconds(camera: string, span: Span): number {
    return this.guard.read(() => this.#footage.seconds(camera, span), 0);
  }

  removeFootage(path: string): void {
    this.#footage.remove(path);
  }

  addOddMinutes(odd: readonly OddMinute[]): void {
    this.#footage.addOddMinutes(odd);
  }

  oddMinutes(camera: string): OddMinute[] {
    return this.guard.read(() => this.#footage.oddMinutes(camera), []);
  }

  judgeOddMinute(id: string, verdict: Verdict): OddMinute | undefined {
    return this.#footage.judgeOddMinute(id, verdict);
  }

  addMessages(messages: Messages): void {
    this.#database.transaction(() => this.#outbox.add(messages));
  }

  /** The state of each camera that was sent to webhooks last. */
  sentStates(): Map<string, string> {
    return this.guard.read(() => this.#sentStates.all(), new Map());
  }

  /** Stores the state of a camera with its messages, in one transaction. */
  saveSentState(camera: string, state: string, messages: Messages): void {
    this.#database.transaction(() => {
      this.#sentStates.save(camera, state);
      this.#outbox.add(messages);
    });
  }

  outbox(due: number, limit: number): OutboxEntry[] {
    return this.guard.read(() => this.#outbox.due(due, limit), []);
  }

  outboxState(): ReturnType<Store['outboxState']> {
    return this.guard.read(() => this.#outbox.state(), {
      waiting: 0,
      oldest: null,
      lastError: this.damage ?? null,
    });
  }

  outboxDone(id: string): void {
    this.#outbox.remove(id);
  }

  outboxFailed(id: string, error: string, due: number): void {
    this.#outbox.failed(id, error, due);
  }

  settings(): ServiceSettings {
    return this.guard.read(() => this.#settings.get());
  }

  saveSettings(settings: ServiceSettings): void {
    this.#settings.save(settings);
  }

  /** Another process may have changed the settings. */
  rereadSettings(): void {
    this.#settings.reread();
  }

  /** Files and folders whose rows were removed, and which may not be gone yet. */
  removals(): Set<string> {
    return this.guard.read(() => this.#removals.all());
  }

  /** Files of rows that were removed before a time are gone. */
  forgetRemovals(before: number): void {
    this.#removals.forgetBefore(before);
  }

  close(): void {
    this.#database.close();
    this.#onClose();
  }
}
