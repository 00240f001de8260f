import { rmSync } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { EventFilter } from '../../../src/service/contract/event.ts';
import { serviceSettings } from '../../../src/service/contract/settings.ts';
import { migrations, newestVersion } from '../../../src/service/store/migrations.ts';
import { openStore } from '../../../src/service/store/open-store.ts';
import type { SqliteStore } from '../../../src/service/store/sqlite-store.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { inventedCamera, inventedEvent } from './invented.ts';

const temporary = temporaryFolders();
let folder: string;
let store: SqliteStore;

beforeEach(async () => {
  folder = join(await temporary(), 'data');
  store = openStore(folder);
  onTestFinished(() => store.close());
});

/** What another run of the service finds. */
function reopen(): SqliteStore {
  store.close();
  store = openStore(folder);
  return store;
}

describe('cameras', () => {
  const learned = inventedCamera({
    id: 'yard',
    life: 'stopped',
    model: '/models/yard/1',
    threshold: {
      threshold: 7,
      alarmsPerDay: 4,
      hours: 2,
      expectedAlarmsPerDay: 1,
      confidence: 0.95,
      hoursNeeded: 18,
      time: 5,
    },
    learning: {
      settings: { collectMinutes: 60, trainMinutes: 20, preset: 'small' },
      out: '/models/yard/2',
      begun: 4,
      span: { from: 4, to: 9 },
    },
    learned: {
      settings: { collectMinutes: 60, trainMinutes: 20, preset: 'small' },
      span: { from: 1, to: 3 },
      seconds: 3600,
    },
    created: 2,
  });

  test('are found as they were saved, in the order they came', () => {
    store.saveCamera(learned);
    store.saveCamera(inventedCamera());
    expect(reopen().cameras()).toEqual([inventedCamera(), learned]);
  });

  test('keep their events when they are saved again, and take all with them when removed', () => {
    for (const camera of [inventedCamera(), learned]) {
      store.saveCamera(camera);
      store.addEvent(inventedEvent({ camera: camera.id }), []);
      store.addScores(camera.id, { from: 0, peaks: Float32Array.of(1) });
      store.addFootage(camera.id, { path: `${camera.id}.mp4`, from: 0, to: 1, frames: 1 });
      store.addOddMinutes([
        { id: camera.id, camera: camera.id, time: 0, score: 1, verdict: 'open' },
      ]);
    }
    const renamed = { ...learned, settings: { ...learned.settings, name: 'Yard' } };
    store.saveCamera(renamed);
    const [event] = store.eventsBetween('yard', 0, 1e12);
    expect(event).toMatchObject({ cameraName: 'Yard', verdict: 'open', clip: false });
    store.removeCamera('yard');
    expect(store.cameras()).toEqual([inventedCamera()]);
    expect(store.events({ limit: 10 }).events.map(({ camera }) => camera)).toEqual(['door']);
    const left = (id: string) => [
      store.scores(id, 0, 1e12).length,
      store.footage(id).length,
      store.oddMinutes(id).length,
    ];
    expect(left('yard')).toEqual([0, 0, 0]);
    expect(left('door')).toEqual([1, 1, 1]);
  });
});

describe('events', () => {
  beforeEach(() => store.saveCamera(inventedCamera()));

  test('change, and are found open when the service ended before they did', () => {
    const event = inventedEvent({ end: null });
    store.addEvent(event, []);
    const { signatures, ...shown } = event;
    expect(reopen().openEvents()).toMatchObject([shown]);
    expect(store.signatures(event.id)).toEqual(signatures);
    const changed = store.updateEvent(event.id, { end: 9e6, clip: true, verdict: 'real' });
    expect(changed).toMatchObject({ ...shown, end: 9e6, clip: true, verdict: 'real' });
    expect(reopen().event(event.id)).toEqual(changed);
    expect(store.openEvents()).toEqual([]);
    expect(store.updateEvent('none', { end: 1 }, [{ url: 'u', body: 'b' }])).toBeUndefined();
    expect(store.outboxState().waiting).toBe(0);
    expect([store.removeEvent(event.id), store.removeEvent(event.id)]).toEqual([true, false]);
  });

  test('are added with what announces them, or not at all', () => {
    const event = inventedEvent();
    store.addEvent(event, [{ url: 'http://a/', body: '{}' }]);
    expect(() => store.addEvent(event, [{ url: 'http://a/', body: '{}' }])).toThrow('UNIQUE');
    const wrong = { url: 'http://a/', body: null as unknown as string };
    expect(() => store.addEvent(inventedEvent(), [wrong])).toThrow('NOT NULL');
    expect(() => store.updateEvent(event.id, { end: 9e9 }, [wrong])).toThrow('NOT NULL');
    expect(reopen().outboxState().waiting).toBe(1);
    const { signatures: _, ...shown } = event;
    expect(store.event(event.id)).toMatchObject(shown);
    expect(store.events({ limit: 10 }).total).toBe(1);
  });

  test('of every page together are all that a filter lets through, the latest first', () => {
    store.saveCamera(inventedCamera({ id: 'yard' }));
    const events = Array.from({ length: 60 }, (_, i) =>
      inventedEvent({
        camera: i % 3 ? 'door' : 'yard',
        kind: i % 4 ? 'alarm' : 'near miss',
        cause: i % 5 ? 'motion' : 'appearance',
        // Several start at once, some within a millisecond.
        start: Math.floor(i / 3) + 0.5,
      }),
    );
    for (const event of events) store.addEvent(event, []);
    for (const event of events.slice(0, 9)) store.updateEvent(event.id, { verdict: 'normal' });
    const filter = fc.record(
      {
        camera: fc.constantFrom('door', 'yard'),
        kind: fc.constantFrom('alarm' as const, 'near miss' as const),
        verdict: fc.constantFrom('open' as const, 'normal' as const),
        cause: fc.constantFrom('motion' as const, 'appearance' as const),
        from: fc.integer({ min: 0, max: 20 }),
        to: fc.integer({ min: 0, max: 20 }),
        limit: fc.integer({ min: 1, max: 30 }),
      },
      { requiredKeys: ['limit'] },
    );
    fc.assert(
      fc.property(filter, (wanted: EventFilter) => {
        const judged = new Set(events.slice(0, 9).map(({ id }) => id));
        const expected = events
          .filter(
            (event) =>
              (wanted.camera ?? event.camera) === event.camera &&
              (wanted.kind ?? event.kind) === event.kind &&
              (wanted.cause ?? event.cause) === event.cause &&
              (wanted.verdict === undefined ||
                (wanted.verdict === 'normal') === judged.has(event.id)) &&
              event.start >= (wanted.from ?? 0) &&
              event.start < (wanted.to ?? 1e9),
          )
          .sort((a, b) => b.start - a.start || (a.id < b.id ? 1 : -1))
          .map(({ id }) => id);
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const page = store.events({ ...wanted, ...(cursor && { cursor }) });
          expect(page.total).toBe(expected.length);
          expect(page.events.length).toBeLessThanOrEqual(wanted.limit);
          found.push(...page.events.map(({ id }) => id));
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        expect(found).toEqual(expected);
      }),
    );
  });

  test('a cursor that is none is refused', () => {
    expect(() => store.events({ limit: 1, cursor: 'x' })).toThrow(UserError);
    expect(() => store.events({ limit: 1, cursor: '1.1.1_x' })).toThrow("take the 'next'");
  });

  test('that overlap a span are found, the open ones too', () => {
    const at = (start: number, end: number | null, kind?: 'near miss') => {
      const event = inventedEvent({ start, end, ...(kind && { kind }) });
      store.addEvent(event, []);
      return event.id;
    };
    at(0, 10);
    const [early, near, open] = [at(5, 20), at(22, 25, 'near miss'), at(29, null)];
    at(31, 40);
    const ids = (kind?: 'alarm') => store.eventsBetween('door', 20, 30, kind).map(({ id }) => id);
    expect(ids()).toEqual([early, near, open]);
    expect(ids('alarm')).toEqual([early, open]);
    expect(store.eventsBetween('yard', 0, 100)).toEqual([]);
  });

  test('in their tens of thousands are read by index, never sorted', () => {
    store.close();
    const database = new DatabaseSync(join(folder, 'service.db'));
    const plan = (sql: string) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail)
        .join('; ');
    const page = (where: string) =>
      `SELECT events.* FROM events JOIN cameras ON cameras.id = events.camera
       WHERE ${where} ORDER BY started DESC, events.id DESC LIMIT 50`;
    for (const where of [
      '1',
      '(started, events.id) < (1, 2)',
      'camera = 1 AND (started, events.id) < (1, 2)',
      "kind = 'alarm' AND started > 5",
      "verdict = 'open'",
    ]) {
      expect(plan(page(where)), where).toContain('USING INDEX events_by_');
      expect(plan(page(where)), where).not.toContain('TEMP B-TREE');
    }
    database.close();
    store = openStore(folder);
  });
});

describe('scores', () => {
  beforeEach(() => store.saveCamera(inventedCamera()));
  const { NaN: none } = Number;

  test('are given back in stretches without a gap', () => {
    store.addScores('door', { from: 58_000, peaks: Float32Array.of(1, 2, 3, none, 5) });
    store.addScores('door', { from: 63_000, peaks: Float32Array.of(6) });
    expect(reopen().scores('door', 0, 1e9)).toEqual([
      { from: 58_000, peaks: Float32Array.of(1, 2, 3) },
      { from: 62_000, peaks: Float32Array.of(5, 6) },
    ]);
    expect(store.scores('door', 59_000, 62_001)).toEqual([
      { from: 59_000, peaks: Float32Array.of(2, 3) },
      { from: 62_000, peaks: Float32Array.of(5) },
    ]);
    expect(store.scores('door', 61_000, 62_000)).toEqual([]);
  });

  test('of a second that is told again are the larger', () => {
    store.addScores('door', { from: 0, peaks: Float32Array.of(1, 5, none, 3) });
    store.addScores('door', { from: 400, peaks: Float32Array.of(2, 4, 7, none) });
    expect(store.scores('door', 0, 1e9)).toEqual([{ from: 0, peaks: Float32Array.of(2, 5, 7, 3) }]);
  });

  test('of two weeks are as they were told, and go by the minute', () => {
    const seconds = 14 * 24 * 3600;
    const peaks = Float32Array.from({ length: seconds }, (_, i) => Math.sin(i));
    store.addScores('door', { from: 1_000_000, peaks });
    expect(store.scores('door', 0, 1e13)).toEqual([{ from: 1_000_000, peaks }]);
    store.removeScores('door', 1_000_000 + 7 * 24 * 3_600_000);
    const [left] = store.scores('door', 0, 1e13);
    expect(left!.peaks.length).toBeGreaterThanOrEqual(seconds / 2);
    expect(left!.peaks.length).toBeLessThan(seconds / 2 + 60);
  });
});

test('a data folder that is moved has its footage and its models with it', async () => {
  const inside = (...parts: string[]) => join(folder, ...parts);
  const camera = (): Parameters<typeof store.saveCamera>[0] => ({
    ...inventedCamera(),
    model: inside('models', 'door', '1'),
    learning: {
      settings: { collectMinutes: 60, trainMinutes: 20, preset: 'small' },
      out: inside('models', 'door', '2'),
      begun: 4,
    },
  });
  const file = () => ({ path: inside('footage', 'door', 'a.mp4'), from: 0, to: 60, frames: 9 });
  store.saveCamera(camera());
  store.saveCamera({ ...inventedCamera({ id: 'demo' }), model: 'upcam-tiny' });
  store.addFootage('door', file());
  store.close();
  const before = folder;
  folder = `${folder}-moved`;
  await rename(before, folder);
  store = openStore(folder);
  expect(store.cameras().find(({ id }) => id === 'door')).toEqual(camera());
  expect(store.cameras().find(({ id }) => id === 'demo')!.model).toBe('upcam-tiny');
  expect(store.footage('door')).toEqual([file()]);
  store.removeFootage(file().path);
  expect(store.footage('door')).toEqual([]);
});

test('footage and odd minutes are kept, judged and removed', () => {
  store.saveCamera(inventedCamera());
  const files = ['b', 'a'].map((path, i) => ({ path, from: i * 60, to: i * 60 + 60, frames: 9 }));
  for (const file of files) store.addFootage('door', file);
  const odd = { id: 'o1', camera: 'door', time: 3, score: 20, verdict: 'open' as const };
  store.addOddMinutes([odd]);
  expect(reopen().footage('door')).toEqual(files);
  store.removeFootage('b');
  expect(store.footage('door')).toEqual([files[1]]);
  expect(store.judgeOddMinute('o1', 'normal')).toEqual({ ...odd, verdict: 'normal' });
  expect(store.oddMinutes('door')).toEqual([{ ...odd, verdict: 'normal' }]);
  expect(store.judgeOddMinute('o2', 'normal')).toBeUndefined();
});

test('the outbox gives what is due, of every address in turn', () => {
  store.saveCamera(inventedCamera());
  const messages = ['a', 'a', 'a', 'b'].map((url, i) => ({ url, body: String(i) }));
  store.addEvent(inventedEvent(), messages);
  const now = Date.now() + 1;
  const due = reopen().outbox(now, 3);
  expect(due.map(({ url, body }) => url + body)).toEqual(['a0', 'b3', 'a1']);
  store.outboxFailed(due[0]!.id, 'refused', now + 5000);
  store.outboxDone(due[1]!.id);
  expect(store.outbox(Date.now(), 9).map(({ body }) => body)).toEqual(['1', '2']);
  expect(store.outbox(now + 5000, 9)[0]).toMatchObject({ body: '0', attempts: 1, due: now + 5000 });
  expect(store.outboxState()).toEqual({
    waiting: 3,
    oldest: due[0]!.created,
    lastError: 'refused',
  });
  store.outboxDone(due[0]!.id);
  expect(store.outboxState().lastError).toBeNull();
});

test('the outbox waits for no clock that was set back', () => {
  store.addMessages(['0', '1'].map((body) => ({ url: 'a', body })));
  const [first] = store.outbox(Date.now(), 1);
  store.outboxFailed(first!.id, 'refused', Date.now() + 60_000);
  const bodies = (now: number) => store.outbox(now, 9).map(({ body }) => body);
  expect(bodies(Date.now())).toEqual(['1']);
  expect(bodies(Date.now() - 3_600_000)).toEqual(['0', '1']);
});

test('a long outbox is read by index, never whole', () => {
  const all = vi.spyOn(DatabaseSync.prototype, 'prepare');
  onTestFinished(() => all.mockRestore());
  store.addMessages([{ url: 'a', body: '0' }]);
  store.outbox(Date.now(), 9);
  store.outboxState();
  const asked = all.mock.calls.map(([sql]) => sql).filter((sql) => /SELECT.*outbox/s.test(sql));
  expect(asked.length).toBe(5);
  store.close();
  const database = new DatabaseSync(join(folder, 'service.db'));
  for (const sql of asked) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    const details = plan.map(({ detail }) => String(detail)).join('; ');
    expect(details, sql).not.toContain('TEMP B-TREE');
    if (!sql.includes('count(*)') && !sql.includes('ORDER BY number'))
      expect(details, sql).not.toMatch(/SCAN outbox$|SCAN outbox;/);
  }
  database.close();
  store = openStore(folder);
});

test('settings have their defaults until they are saved', () => {
  expect(store.settings()).toEqual(serviceSettings.parse({}));
  const settings = serviceSettings.parse({
    webhooks: [{ url: 'http://localhost/hook', secret: 'a secret' }],
    mqtt: { url: 'mqtt://localhost' },
  });
  store.saveSettings(settings);
  store.saveSettings(settings);
  expect(reopen().settings()).toEqual(settings);
});

test('tokens are found by their hash alone', () => {
  const token = {
    id: 't',
    name: 'phone',
    role: 'viewer' as const,
    created: 1,
    lastUsed: null,
    cameras: null,
  };
  store.addToken(token, 'hash');
  expect(store.tokenByHash('hash')).toEqual(token);
  expect(store.tokenByHash('t')).toBeUndefined();
  store.tokenUsed('t', 5);
  expect(reopen().tokens()).toEqual([{ ...token, lastUsed: 5 }]);
  expect([store.removeToken('t'), store.removeToken('t')]).toEqual([true, false]);
  expect(store.tokenByHash('hash')).toBeUndefined();
});

describe('opening', () => {
  const refused = (why: string) => {
    expect(() => openStore(folder)).toThrow(UserError);
    expect(() => openStore(folder)).toThrow(why);
  };

  test('keeps the folder for one, until it is closed', () => {
    refused('another m2s2l serves this data folder');
    reopen();
  });

  test('lets nobody else read what is in it', async () => {
    expect((await stat(folder)).mode & 0o077).toBe(0);
    expect((await stat(join(folder, 'service.db'))).mode & 0o077).toBe(0);
  });

  test.each(['events', 'footage'])(
    'refuses a folder that holds %s of somebody else',
    async (name) => {
      store.close();
      folder = join(folder, '..', 'mine');
      const mine = join(folder, name, 'yard.mp4');
      await mkdir(dirname(mine), { recursive: true });
      await writeFile(mine, '');
      refused('holds files, but service.db has no tables; put a copy');
      await rm(mine);
      store = openStore(folder);
      await writeFile(mine, '');
      reopen();
    },
  );

  test('takes up a folder of the version before: its cameras go on calling at once', () => {
    store.close();
    const path = join(folder, 'service.db');
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    const { id, settings } = inventedCamera();
    const database = new DatabaseSync(path);
    for (const number of [1, 2]) database.exec(migrations[number]!);
    database
      .prepare(`INSERT INTO cameras (id, settings, life, resumed, created)
        VALUES (?, json_remove(?, '$.budget.call', '$.budget.grouping'), 'watching', 'watching', 1)`)
      .run(id, JSON.stringify(settings));
    database.exec(`PRAGMA application_id = ${0x6d327332}; PRAGMA user_version = 2;`);
    database.close();
    store = openStore(folder);
    expect(store.cameras()[0]!.settings.budget).toEqual({
      alarmsPerDay: 4,
      call: 'always',
      grouping: 60,
    });
    expect(store.keeper('door')).toBeUndefined();
  });

  test('refuses what is not a database, damaged, newer, or of another program', async () => {
    store.close();
    const path = join(folder, 'service.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    refused(
      `was written by a newer m2s2l (version 99 of the store, this one knows ${newestVersion}); update`,
    );
    await writeFile(path, 'text '.repeat(2000));
    refused('is not a database');
    await writeFile(path, '');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE recipes (name)');
    other.close();
    refused('is a database of another program');
    await writeFile(join(folder, 'file'), '');
    folder = join(folder, 'file');
    refused('a file stands where a folder is needed');
    folder = join(folder, '..', 'new');
    store = openStore(folder);
  });
});
