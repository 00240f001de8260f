import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { PlaceMap } from '../../../src/scoring/regions/place-map.ts';
import type { EventFilter } from '../../../src/service/contract/event.ts';
import type { Person } from '../../../src/service/contract/people.ts';
import { serviceSettings } from '../../../src/service/contract/settings.ts';
import type { StoredKeeper } from '../../../src/service/parts.ts';
import { openPostgres } from '../../../src/service/store/postgres/open-postgres.ts';
import type { SqlStore } from '../../../src/service/store/sql-store.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { type Databases, testDatabases } from '../../postgres/databases.ts';
import { inventedCamera, inventedEvent } from './invented.ts';

/** A kind of database, each test with one of its own. */
interface Engine {
  readonly name: string;
  prepare(): Promise<void>;
  open(folder: string): SqlStore;
}

let databases: Databases;
let address: string;

const engines: readonly Engine[] = [
  { name: 'SQLite', prepare: async () => undefined, open: openStore },
  {
    name: 'PostgreSQL',
    prepare: async () => {
      address = await databases.create();
    },
    // A busy machine is no database that is away.
    open: (folder) => openPostgres(address, folder, { patience: 60_000 }),
  },
];

beforeAll(async () => {
  databases = await testDatabases();
});
afterAll(() => databases.close());

describe.each(engines)('$name', (engine) => {
  const temporary = temporaryFolders();
  let folder: string;
  let store: SqlStore;

  beforeEach(async () => {
    folder = join(await temporary(), 'data');
    await engine.prepare();
    store = engine.open(folder);
    onTestFinished(() => store.close());
  });

  /** What another run of the service finds. */
  function reopen(): SqlStore {
    store.close();
    store = engine.open(folder);
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
      expect(() => store.addEvent(event, [{ url: 'http://a/', body: '{}' }])).toThrow(/unique/i);
      const wrong = { url: 'http://a/', body: null as unknown as string };
      expect(() => store.addEvent(inventedEvent(), [wrong])).toThrow(/not.null/i);
      expect(() => store.updateEvent(event.id, { end: 9e9 }, [wrong])).toThrow(/not.null/i);
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
      expect(store.scores('door', 0, 1e9)).toEqual([
        { from: 0, peaks: Float32Array.of(2, 5, 7, 3) },
      ]);
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
    await mkdir(before, { recursive: true });
    await rename(before, folder);
    store = engine.open(folder);
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
    expect(store.outbox(now + 5000, 9)[0]).toMatchObject({
      body: '0',
      attempts: 1,
      due: now + 5000,
    });
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

  test('what keeps a budget, place maps and what a person chose are found again', () => {
    store.saveCamera(inventedCamera());
    const keeper = { model: 'm', since: 1, keeper: { time: 3 }, memory: [], waiting: ['e'] };
    const kept = keeper as unknown as StoredKeeper;
    store.saveKeeper('door', kept);
    store.saveKeeper('door', { ...kept, since: 2 });
    store.saveKeeper('door', kept, 'night');
    store.saveKeeper('nowhere', kept);
    const map: PlaceMap = {
      time: 120_000,
      width: 2,
      height: 1,
      peak: 5,
      combination: 'largest',
      places: Uint8Array.of(3, 255),
    };
    store.addPlaceMap('door', { ...map, peak: 1 });
    store.addPlaceMap('door', map, 'night');
    store.addPlaceMap('nowhere', map);
    store.schedule.saveSnooze('door', 7.5);
    store.schedule.saveSnooze('nowhere', 7.5);
    store.schedule.chooseProfile('away');
    reopen();
    expect(store.keeper('door')).toEqual({ ...kept, since: 2 });
    expect(store.keeper('door', 'night')).toEqual(kept);
    expect(store.keeper('nowhere')).toBeUndefined();
    expect(store.placeMaps('door', 0, 1e9)).toEqual([map]);
    expect(store.placeMaps('door', 0, 1e9, 'night')).toEqual([map]);
    expect(store.placeMaps('door', 0, 1e9, 'day')).toEqual([]);
    store.removePlaceMaps('door', 1e9);
    expect(store.placeMaps('door', 0, 1e9)).toEqual([]);
    expect([...store.schedule.snoozes()]).toEqual([['door', 7.5]]);
    store.schedule.saveSnooze('door', null);
    expect(store.schedule.snoozes().size).toBe(0);
    expect(store.schedule.chosenProfile()).toBe('away');
    store.schedule.chooseProfile(null);
    expect(store.schedule.chosenProfile()).toBeNull();
    store.schedule.chooseProfile(undefined);
    expect(store.schedule.chosenProfile()).toBeUndefined();
  });

  test('scores of a day and of a night are told apart, and put in the place of others', () => {
    store.saveCamera(inventedCamera());
    store.addScores('door', { from: 0, peaks: Float32Array.of(1, 2), light: 'day' });
    store.addScores('door', { from: 60_000, peaks: Float32Array.of(3), light: 'night' });
    const at = (light?: 'day' | 'night') => store.scores('door', 0, 1e9, light);
    expect(at('day')).toEqual([{ from: 0, peaks: Float32Array.of(1, 2) }]);
    store.replaceScores('door', [{ from: 60_000, peaks: Float32Array.of(9) }]);
    expect(at('night')).toEqual([{ from: 60_000, peaks: Float32Array.of(9) }]);
    expect(at()).toHaveLength(2);
  });

  test('people, their sessions and their deeds are found again', () => {
    const person = { id: 'p', name: 'Ada', role: 'operator' as const, cameras: ['door'] };
    const ada: Person = { ...person, hasPassword: false, created: 1, lastUsed: null };
    store.savePerson(ada);
    store.savePerson({ ...ada, name: 'ada', role: 'admin' }, 'hash of a password');
    store.personUsed('p', 5);
    const stored = { ...ada, name: 'ada', role: 'admin', hasPassword: true, lastUsed: 5 };
    expect(reopen().people()).toEqual([stored]);
    expect(store.person('p')).toEqual(stored);
    expect(store.personByName('ADA')).toEqual({ person: stored, password: 'hash of a password' });
    expect(() => store.savePerson({ ...ada, id: 'q', name: 'ADA' })).toThrow(/unique/i);
    for (const created of [1, 2, 3])
      store.addSession({ hash: `s${created}`, token: null, person: 'p', created, ends: 100 });
    expect(store.sessionCounts()).toEqual([{ owner: { token: null, person: 'p' }, count: 3 }]);
    store.endOldestSessions({ token: null, person: 'p' }, 2);
    expect(store.session('s1')).toBeUndefined();
    expect(store.session('s3')).toEqual({
      hash: 's3',
      token: null,
      person: 'p',
      created: 3,
      ends: 100,
    });
    store.removeSession('s3');
    expect(store.sessionCounts()).toEqual([{ owner: { token: null, person: 'p' }, count: 1 }]);
    const deed = { time: 1, who: 'ada', role: 'admin' as const, deed: 'Judged', camera: 'door' };
    store.addDeed({ ...deed, event: 'e', detail: null });
    store.addDeed({ ...deed, time: 2, event: null, detail: 'more' });
    expect(store.deeds({ limit: 5 }).map(({ time }) => time)).toEqual([2, 1]);
    expect(store.deeds({ event: 'e', limit: 5 })).toEqual([{ ...deed, event: 'e', detail: null }]);
    expect([store.removePerson('p'), store.removePerson('p')]).toEqual([true, false]);
    expect(store.session('s2')).toBeUndefined();
  });

  test('links, browsers, keys and states that were sent are found again', () => {
    store.saveCamera(inventedCamera());
    const event = inventedEvent();
    store.addEvent(event, []);
    const link = { id: 'l', purpose: 'share' as const, event: event.id, subject: { a: 1 } };
    store.addLink({ ...link, created: 1, expires: 5 }, 'hash');
    expect(store.linkByHash('hash')).toEqual({ ...link, created: 1, expires: 5 });
    expect(store.linksOf(event.id, 'share')).toHaveLength(1);
    store.addLink({ ...link, id: 'later', created: 6, expires: 9 }, 'other');
    expect([store.removeLink('l'), store.removeLink('later')]).toEqual([false, true]);
    const browser = { id: 'b', channel: 'push', endpoint: 'https://push/1', owner: 'person p' };
    const whole = { ...browser, keys: { p256dh: 'x', auth: 'y' }, device: 'phone', created: 1 };
    store.savePushSubscription({ ...whole, id: 'former' });
    store.savePushSubscription(whole);
    expect(reopen().pushSubscriptions('push')).toEqual([whole]);
    expect(store.pushSubscriptions('other')).toEqual([]);
    expect(store.removePushSubscription('b')).toBe(true);
    store.saveServiceKey('vapid', 'one');
    store.saveServiceKey('vapid', 'two');
    expect(store.serviceKey('vapid')).toBe('two');
    store.saveSentState('door', 'watching', [{ url: 'a', body: '1' }]);
    store.saveSentState('door', 'offline', []);
    store.saveSentState('nowhere', 'offline', []);
    expect([...store.sentStates()]).toEqual([['door', 'offline']]);
  });

  test('the inbox counts what nobody judged, by camera and by day', () => {
    store.saveCamera(inventedCamera());
    store.saveCamera(inventedCamera({ id: 'yard' }));
    for (const [camera, kind, start] of [
      ['door', 'alarm', 5],
      ['door', 'near miss', 6],
      ['yard', 'alarm', 15],
    ] as const)
      store.addEvent(inventedEvent({ camera, kind, start }), []);
    const counts = [...store.eventsToJudge()].sort((a, b) => (a.camera < b.camera ? -1 : 1));
    expect(counts).toEqual([
      { camera: 'door', alarms: 1, nearMisses: 1 },
      { camera: 'yard', alarms: 1, nearMisses: 0 },
    ]);
    const days = (camera?: string, seen: string[] | null = null) =>
      store.eventDays([0, 10, 20], camera, seen).map(({ alarms }) => alarms);
    expect([days(), days('door'), days(undefined, ['yard']), days('door', ['yard'])]).toEqual([
      [1, 1],
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(store.nearMissesBefore(100)).toHaveLength(1);
    expect(store.events({ limit: 9, seen: ['yard'] }).total).toBe(1);
    expect(store.events({ limit: 9, camera: 'door,yard' }).total).toBe(3);
    expect(store.events({ limit: 9, seen: [] }).total).toBe(0);
  });

  test('what was removed on purpose is told, with its files', () => {
    store.saveCamera(inventedCamera());
    const event = inventedEvent();
    store.addEvent(event, []);
    store.updateEvent(event.id, { thumbnail: true, clip: true });
    expect([...store.eventFiles()]).toEqual([[event.id, { thumbnail: true, clip: true }]]);
    expect(store.eventsWithClip(5).map(({ id }) => id)).toEqual([event.id]);
    expect(store.eventsWithThumbnail(5).map(({ id }) => id)).toEqual([event.id]);
    store.removeEvent(event.id);
    expect([...store.removals()]).toEqual([join(folder, 'events', event.id)]);
    store.forgetRemovals(Date.now() + 60_000);
    expect(store.removals().size).toBe(0);
  });
});
