import { closeSync, existsSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { diskError } from '../../files/atomic.ts';
import type { Signature } from '../../scoring/budget/verdict-memory.ts';
import type { OddMinute } from '../contract/camera.ts';
import type {
  AnomalyEvent,
  EventFilter,
  EventKind,
  EventPage,
  Verdict,
} from '../contract/event.ts';
import {
  type AccessToken,
  type Role,
  type ServiceSettings,
  serviceSettings,
} from '../contract/settings.ts';
import type {
  NewEvent,
  OutboxEntry,
  RecordedFile,
  ScoredStretch,
  Store,
  StoredCamera,
  StoredKeeper,
} from '../parts.ts';
import { CameraTable } from './camera-table.ts';
import { Database } from './database.ts';
import { type EventChange, EventTable } from './event-table.ts';
import { FootageTable } from './footage-table.ts';
import { KeeperTable } from './keeper-table.ts';
import { FolderLock } from './lock.ts';
import { OutboxTable } from './outbox-table.ts';
import { ScoreTable } from './score-table.ts';
import { StoredPaths } from './stored-paths.ts';
import { TokenTable } from './token-table.ts';

type Messages = readonly { readonly url: string; readonly body: string }[];

/**
 * Opens the store of a data folder, which is made where it is missing, and keeps the folder for this
 * process until the store is closed.
 * @throws UserError where another process serves the folder, it may not be written, its
 *   `service.db` is no database, damaged, or of a newer version, or it is somebody else's folder
 */
export function openStore(folder: string): SqliteStore {
  const path = join(folder, 'service.db');
  try {
    if (!existsSync(path)) requireNothingOfOthers(folder);
    // It shows people, and how to reach cameras: for nobody else to read.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw diskError(error, path);
  }
  const lock = new FolderLock(folder, join(folder, 'service.lock'));
  try {
    return new SqliteStore(new Database(path), lock, new StoredPaths(folder));
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What no row tells of is removed there at a start, so nobody else's files may be there at the first. */
function requireNothingOfOthers(folder: string): void {
  for (const name of ['events', 'footage']) {
    const inside = join(folder, name);
    if (existsSync(inside) && readdirSync(inside).length > 0)
      throw new UserError(
        `${inside}: holds files of which no service.db tells; move them away, or choose another data folder`,
      );
  }
}

/**
 * {@link Store} in one SQLite database. What it says is on the disk when a call returns, but for scores and the
 * last use of tokens, of which a loss of power may take the last seconds.
 */
export class SqliteStore implements Store {
  readonly #database: Database;
  readonly #lock: FolderLock;
  readonly #cameras: CameraTable;
  readonly #events: EventTable;
  readonly #keepers: KeeperTable;
  readonly #scores: ScoreTable;
  readonly #footage: FootageTable;
  readonly #outbox: OutboxTable;
  readonly #tokens: TokenTable;

  constructor(database: Database, lock: FolderLock, paths: StoredPaths) {
    this.#database = database;
    this.#lock = lock;
    this.#cameras = new CameraTable(database, paths);
    this.#events = new EventTable(database);
    this.#keepers = new KeeperTable(database);
    this.#scores = new ScoreTable(database);
    this.#footage = new FootageTable(database, paths);
    this.#outbox = new OutboxTable(database);
    this.#tokens = new TokenTable(database);
  }

  cameras(): StoredCamera[] {
    return this.#cameras.all();
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
    return this.#events.get(id);
  }

  events(filter: EventFilter): EventPage {
    return this.#events.page(filter);
  }

  openEvents(): AnomalyEvent[] {
    return this.#events.open();
  }

  eventsBetween(camera: string, from: number, to: number, kind?: EventKind): AnomalyEvent[] {
    return this.#events.between(camera, from, to, kind);
  }

  /** What every event is said to have, by its id. */
  eventFiles(): Map<string, { thumbnail: boolean; clip: boolean }> {
    return this.#events.files();
  }

  /** The oldest that still have a clip, the oldest first. */
  eventsWithClip(limit: number): AnomalyEvent[] {
    return this.#events.withClip(limit);
  }

  /** The oldest that still have a thumbnail, the oldest first. */
  eventsWithThumbnail(limit: number): AnomalyEvent[] {
    return this.#events.withThumbnail(limit);
  }

  /** Near misses that nobody judged, and that started before a time. */
  nearMissesBefore(time: number): AnomalyEvent[] {
    return this.#events.nearMissesBefore(time);
  }

  signatures(id: string): readonly Signature[] {
    return this.#events.signatures(id);
  }

  keeper(camera: string): StoredKeeper | undefined {
    return this.#keepers.get(camera);
  }

  saveKeeper(camera: string, keeper: StoredKeeper): void {
    this.#keepers.save(camera, keeper);
  }

  addScores(camera: string, stretch: ScoredStretch): void {
    this.#scores.add(camera, stretch);
  }

  scores(camera: string, from: number, to: number): ScoredStretch[] {
    return this.#scores.between(camera, from, to);
  }

  removeScores(camera: string, before: number): void {
    this.#scores.removeBefore(camera, before);
  }

  addFootage(camera: string, file: RecordedFile): void {
    this.#footage.add(camera, file);
  }

  footage(camera: string): RecordedFile[] {
    return this.#footage.of(camera);
  }

  removeFootage(path: string): void {
    this.#footage.remove(path);
  }

  addOddMinutes(odd: readonly OddMinute[]): void {
    this.#footage.addOddMinutes(odd);
  }

  oddMinutes(camera: string): OddMinute[] {
    return this.#footage.oddMinutes(camera);
  }

  judgeOddMinute(id: string, verdict: Verdict): OddMinute | undefined {
    return this.#footage.judgeOddMinute(id, verdict);
  }

  addMessages(messages: Messages): void {
    this.#database.transaction(() => this.#outbox.add(messages));
  }

  outbox(due: number, limit: number): OutboxEntry[] {
    return this.#outbox.due(due, limit);
  }

  outboxState(): ReturnType<Store['outboxState']> {
    return this.#outbox.state();
  }

  outboxDone(id: string): void {
    this.#outbox.remove(id);
  }

  outboxFailed(id: string, error: string, due: number): void {
    this.#outbox.failed(id, error, due);
  }

  settings(): ServiceSettings {
    const row = this.#database.get('SELECT settings FROM settings');
    return serviceSettings.parse(row ? JSON.parse(row.settings as string) : {});
  }

  saveSettings(settings: ServiceSettings): void {
    this.#database.transaction(() =>
      this.#database.run('INSERT OR REPLACE INTO settings VALUES (1, :settings)', {
        settings: JSON.stringify(settings),
      }),
    );
  }

  tokens(): AccessToken[] {
    return this.#tokens.all();
  }

  addToken(token: AccessToken, hash: string): void {
    this.#tokens.add(token, hash);
  }

  tokenByHash(hash: string): { readonly id: string; readonly role: Role } | undefined {
    return this.#tokens.byHash(hash);
  }

  tokenUsed(id: string, time: number): void {
    this.#tokens.used(id, time);
  }

  removeToken(id: string): boolean {
    return this.#tokens.remove(id);
  }

  close(): void {
    this.#database.close();
    this.#lock.release();
  }
}
