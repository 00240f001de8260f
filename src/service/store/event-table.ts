import { UserError } from '../../errors.ts';
import type { Signature } from '../../scoring/budget/verdict-memory.ts';
import {
  type AnomalyEvent,
  anomalyEvent,
  type EventKind,
  type EventPage,
} from '../contract/event.ts';
import type { DayCounts, InboxAnswer } from '../contract/inbox.ts';
import type { EventChange, NewEvent, SeenEvents } from '../parts.ts';
import type { Database, Parameters, Row, Value } from './database.ts';

/** The columns of what changes. */
const columns: Readonly<Record<keyof EventChange, string>> = {
  end: 'ended',
  peak: 'peak',
  cause: 'cause',
  timeScale: 'time_scale',
  regions: 'regions',
  verdict: 'verdict',
  thumbnail: 'thumbnail',
  clip: 'clip',
  clipMissing: 'clip_missing',
  effect: 'effect',
  retracted: 'retracted',
  zone: 'zone',
  kept: 'kept',
  note: 'note',
  signatures: 'signatures',
};

function storedValue(value: EventChange[keyof EventChange]): Value {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return (value ?? null) as Value;
}

const selection = `SELECT events.*, cameras.settings ->> 'name' AS camera_name
  FROM events JOIN cameras ON cameras.id = events.camera`;

/** Alarms and near misses of all cameras. What writes does so within the caller's transaction. */
export class EventTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(event: NewEvent): void {
    this.#database.run(
      `INSERT INTO events
         (id, camera, kind, started, ended, peak, threshold, cause, time_scale, regions, size,
          shadow, alike, withheld, signatures, zone, quiet, light)
       VALUES (:id, :camera, :kind, :start, :end, :peak, :threshold, :cause, :timeScale, :regions,
          :size, :shadow, :alike, :withheld, :signatures, :zone, :quiet, :light)`,
      {
        id: event.id,
        camera: event.camera,
        kind: event.kind,
        start: event.start,
        end: event.end,
        peak: JSON.stringify(event.peak),
        threshold: event.threshold,
        cause: event.cause,
        timeScale: event.timeScale,
        regions: JSON.stringify(event.regions),
        size: JSON.stringify(event.size),
        shadow: Number(event.shadow),
        alike: event.alike && JSON.stringify(event.alike),
        withheld: Number(event.withheld),
        signatures: JSON.stringify(event.signatures),
        zone: event.zone,
        quiet: event.quiet,
        light: event.light ?? null,
      },
    );
  }

  /** Changes only what is given: another process may change the rest at the same time. */
  update(id: string, change: EventChange): AnomalyEvent | undefined {
    const given = Object.entries(columns).filter(
      ([key]) => change[key as keyof EventChange] !== undefined,
    ) as [keyof EventChange, string][];
    if (given.length > 0) {
      const assignments = given.map(([key, column]) => `${column} = :${key}`).join(', ');
      const values = given.map(([key]) => [key, storedValue(change[key])]);
      this.#database.run(`UPDATE events SET ${assignments} WHERE id = :id`, {
        id,
        ...Object.fromEntries(values),
      });
    }
    return this.get(id);
  }

  remove(id: string): boolean {
    return this.#database.run('DELETE FROM events WHERE id = :id', { id }) > 0;
  }

  signatures(id: string): readonly Signature[] {
    const row = this.#database.get('SELECT signatures FROM events WHERE id = :id', { id });
    return row ? JSON.parse(row.signatures as string) : [];
  }

  get(id: string): AnomalyEvent | undefined {
    const row = this.#database.get(`${selection} WHERE events.id = :id`, { id });
    return row && eventOf(row);
  }

  /** The latest first; `from` and `to` (exclusive) are of their starts. */
  page(filter: SeenEvents): EventPage {
    const conditions: string[] = [];
    const parameters: Parameters = {};
    const where = (condition: string, name: string, value: string | number | undefined) => {
      if (value === undefined) return;
      conditions.push(condition);
      parameters[name] = value;
    };
    const cameras = filter.camera?.split(',');
    if (cameras) conditions.push(among('camera', cameras, parameters));
    if (filter.seen) conditions.push(among('camera', filter.seen, parameters));
    where('kind = :kind', 'kind', filter.kind);
    where('verdict = :verdict', 'verdict', filter.verdict);
    where('cause = :cause', 'cause', filter.cause);
    where('zone = :zone', 'zone', filter.zone);
    where('kept = :kept', 'kept', filter.kept === undefined ? undefined : Number(filter.kept));
    where('started >= :from', 'from', filter.from);
    where('started < :to', 'to', filter.to);
    const all = (parts: readonly string[]) =>
      parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '';
    const { total } = this.#database.get(
      `SELECT count(*) AS total FROM events ${all(conditions)}`,
      parameters,
    )!;
    if (filter.cursor !== undefined) {
      const { start, id } = parseCursor(filter.cursor);
      conditions.push('(started, events.id) < (:cursorStart, :cursorId)');
      Object.assign(parameters, { cursorStart: start, cursorId: id });
    }
    const rows = this.#database.all(
      `${selection} ${all(conditions)} ORDER BY started DESC, events.id DESC LIMIT :limit`,
      { ...parameters, limit: filter.limit + 1 },
    );
    const events = rows.slice(0, filter.limit).map(eventOf);
    const last = events.at(-1);
    const more = rows.length > filter.limit && last !== undefined;
    return { events, next: more ? `${last.start}_${last.id}` : null, total: total as number };
  }

  open(): AnomalyEvent[] {
    return this.#database.all(`${selection} WHERE ended IS NULL ORDER BY started`).map(eventOf);
  }

  between(camera: string, from: number, to: number, kind?: EventKind): AnomalyEvent[] {
    const rows = this.#database.all(
      `${selection} WHERE camera = :camera AND started <= :to AND (ended IS NULL OR ended >= :from)
         AND kind = coalesce(:kind, kind) ORDER BY started, events.id`,
      { camera, from, to, kind: kind ?? null },
    );
    return rows.map(eventOf);
  }

  /** What each is said to have, by its id. */
  files(): Map<string, { thumbnail: boolean; clip: boolean }> {
    const rows = this.#database.all('SELECT id, thumbnail, clip FROM events');
    return new Map(
      rows.map(({ id, thumbnail, clip }) => [
        id as string,
        { thumbnail: thumbnail === 1, clip: clip === 1 },
      ]),
    );
  }

  /** The oldest that still have a clip, those that are kept after all others. */
  withClip(limit: number): AnomalyEvent[] {
    const sql = `${selection} WHERE clip = 1 ORDER BY kept, started LIMIT :limit`;
    return this.#database.all(sql, { limit }).map(eventOf);
  }

  /** The oldest that still have a thumbnail, those that are kept after all others. */
  withThumbnail(limit: number): AnomalyEvent[] {
    const sql = `${selection} WHERE thumbnail = 1 ORDER BY kept, started LIMIT :limit`;
    return this.#database.all(sql, { limit }).map(eventOf);
  }

  /** Events of each camera that nobody has judged, without those that were taken back. */
  toJudge(): InboxAnswer['toJudge'] {
    const rows = this.#database.all(
      `SELECT camera, count(*) FILTER (WHERE kind = 'alarm') AS alarms,
         count(*) FILTER (WHERE kind = 'near miss') AS "nearMisses"
       FROM events WHERE verdict = 'open' AND retracted IS NULL GROUP BY camera`,
    );
    return rows as unknown as InboxAnswer['toJudge'];
  }

  /** Events between each of these times and the next. */
  days(
    starts: readonly number[],
    camera: string | undefined,
    seen: readonly string[] | null,
  ): DayCounts[] {
    const cameras =
      camera === undefined ? seen : [camera].filter((one) => seen?.includes(one) ?? true);
    const parameters: Parameters = {};
    const ofCamera = cameras ? `AND ${among('camera', cameras, parameters)}` : '';
    return starts.slice(0, -1).map((from, i) => {
      const row = this.#database.get(
        `SELECT count(*) FILTER (WHERE kind = 'alarm') AS alarms,
           count(*) FILTER (WHERE kind = 'near miss') AS "nearMisses",
           count(*) FILTER (WHERE kind = 'alarm' AND verdict = 'open') AS "toJudge",
           count(*) FILTER (WHERE verdict = 'real') AS "real"
         FROM events WHERE started >= :from AND started < :to AND retracted IS NULL ${ofCamera}`,
        { ...parameters, from, to: starts[i + 1]! },
      );
      return { from, ...(row as unknown as Omit<DayCounts, 'from'>) };
    });
  }

  /** Near misses that nobody judged or marked, and that started before a time. */
  nearMissesBefore(time: number): AnomalyEvent[] {
    const sql = `${selection} WHERE kind = 'near miss' AND verdict = 'open' AND kept = 0
      AND note IS NULL AND started < :time`;
    return this.#database.all(sql, { time }).map(eventOf);
  }
}

/** The condition that a column has one of these values, which become parameters. */
function among(column: string, values: readonly string[], parameters: Parameters): string {
  const first = Object.keys(parameters).length;
  const names = values.map((value, i) => {
    parameters[`one${first + i}`] = value;
    return `:one${first + i}`;
  });
  return names.length > 0 ? `${column} IN (${names.join(', ')})` : '1 = 0';
}

function parseCursor(cursor: string): { readonly start: number; readonly id: string } {
  const [, start, id] = /^(-?[\d.]+)_(.+)$/.exec(cursor) ?? [];
  if (id === undefined || !Number.isFinite(Number(start)))
    throw new UserError(`cursor '${cursor}': is none; take the 'next' of the page before`);
  return { start: Number(start), id };
}

function eventOf(row: Row): AnomalyEvent {
  return anomalyEvent.parse({
    id: row.id,
    camera: row.camera,
    cameraName: row.camera_name,
    kind: row.kind,
    start: row.started,
    end: row.ended,
    peak: JSON.parse(row.peak as string),
    threshold: row.threshold,
    cause: row.cause,
    timeScale: row.time_scale,
    regions: JSON.parse(row.regions as string),
    size: JSON.parse(row.size as string),
    verdict: row.verdict,
    thumbnail: row.thumbnail === 1,
    clip: row.clip === 1,
    clipMissing: row.clip_missing,
    effect: row.effect,
    shadow: row.shadow === 1,
    alike: JSON.parse((row.alike ?? 'null') as string),
    withheld: row.withheld === 1,
    retracted: row.retracted,
    zone: row.zone,
    quiet: row.quiet,
    light: row.light,
    kept: row.kept === 1,
    note: row.note,
  });
}
