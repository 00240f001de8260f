import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { ANNOUNCING } from '../../../src/service/fleet/lease-statements.ts';
import { Leases } from '../../../src/service/fleet/leases.ts';
import { LeaseLost, StoreUnreachable } from '../../../src/service/parts.ts';
import {
  openPostgres,
  openWorkerStore,
} from '../../../src/service/store/postgres/open-postgres.ts';
import { CuttableLine } from '../../postgres/cuttable-line.ts';
import { PostgresServer } from '../../postgres/server.ts';
import { until } from '../poll.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';

/** A busy machine is no database that is away. */
const patient = { patience: 60_000 };

/** Milliseconds: a lease lasts three seconds. */
const RENEW = 1000;

let server: PostgresServer;
let database: string;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());

beforeEach(async () => {
  database = await server.database();
});

const name = () => new URL(database).pathname.slice(1);

function addCameras(count: number): string[] {
  const store = openPostgres(database, '/files', patient);
  const ids = Array.from({ length: count }, (_, i) => `camera-${i}`);
  for (const id of ids) store.saveCamera(inventedCamera({ id }));
  store.close();
  return ids;
}

/** A member that keeps a diary. */
function member(
  id: string,
  { address = database, kind = 'worker' as 'worker' | 'server', capacity = 100 } = {},
) {
  const diary: string[] = [];
  const at = {
    id,
    diary,
    has: new Set<string>(),
    ended: new Map<string, () => void>(),
    slowEnd: false,
    trouble: undefined as string | undefined,
    leases: undefined as unknown as Leases,
  };
  at.leases = new Leases(
    {
      database: address,
      member: { id, name: id, kind, address: `http://${id}/`, version: '0' },
      most: null,
      load: () => ({ capacity, load: 0, lag: null }),
      renew: RENEW,
    },
    {
      onEpochs: () => undefined,
      onGained: (subject) => {
        diary.push(`gained ${subject}`);
        at.has.add(subject);
        everyone.push(`${id} gained ${subject}`);
      },
      onEnd: async (subject, lost) => {
        diary.push(`${lost ? 'lost' : 'gave back'} ${subject}`);
        at.has.delete(subject);
        everyone.push(`${id} ended ${subject}`);
        if (at.slowEnd) await new Promise<void>((resolve) => at.ended.set(subject, resolve));
      },
      onWake: () => undefined,
      onTrouble: (reason) => {
        at.trouble = reason;
      },
    },
  );
  at.leases.start();
  onTestFinished(() => at.leases.stop());
  return at;
}

const everyone: string[] = [];
beforeEach(() => void everyone.splice(0));

/** That at no time two members had one subject. */
function requireNeverTwo(): void {
  const holder = new Map<string, string>();
  for (const line of everyone) {
    const [who, what, subject] = line.split(' ') as [string, string, string];
    if (what === 'ended') {
      if (holder.get(subject) === who) holder.delete(subject);
      continue;
    }
    expect(holder.get(subject), `${subject} when ${who} gained it`).toBeUndefined();
    holder.set(subject, who);
  }
}

const sizes = (...members: { has: Set<string> }[]) => members.map(({ has }) => has.size);

describe('cameras', () => {
  test('are shared out, move to who joins, and go to the others when one leaves', async () => {
    addCameras(6);
    const [a, b] = [member('a'), member('b')];
    await until('two share', () => String(sizes(a, b)) === '3,3');
    const c = member('c');
    await until('three share', () => String(sizes(a, b, c)) === '2,2,2');
    await c.leases.stop();
    await until('two share again', () => String(sizes(a, b)) === '3,3');
    expect(c.diary.filter((line) => line.startsWith('lost'))).toEqual([]);
    requireNeverTwo();
  });

  test('go by what each can score', async () => {
    addCameras(6);
    const [quick, slow] = [member('quick', { capacity: 200 }), member('slow', { capacity: 100 })];
    await until('they share', () => String(sizes(quick, slow)) === '4,2');
  });

  test('are given up by who is to be stopped, and taken again by it later', async () => {
    addCameras(2);
    const [a, b] = [member('a'), member('b')];
    await until('they share', () => String(sizes(a, b)) === '1,1');
    await a.leases.drain('b', true);
    await until('b has none', () => String(sizes(a, b)) === '2,0');
    const seen = await a.leases.members();
    expect(seen.map(({ id, draining, held }) => [id, draining, held.length])).toEqual([
      ['a', false, 2],
      ['b', true, 0],
    ]);
    await a.leases.drain('b', false);
    await until('they share again', () => String(sizes(a, b)) === '1,1');
    requireNeverTwo();
  });

  test('are not another’s before they have ended here', async () => {
    addCameras(1);
    const a = member('a');
    await until('a has it', () => a.has.size === 1);
    a.slowEnd = true;
    const b = member('b');
    await a.leases.drain('a', true);
    await until('it ends', () => a.ended.size === 1);
    // Renewed meanwhile: longer than a lease lasts without.
    const rows = () => server.query(name(), "SELECT worker FROM leases WHERE subject = 'camera-0'");
    const begun = Date.now();
    await until('some renewals', () => Date.now() - begun > 4 * RENEW);
    expect(await rows()).toEqual([{ worker: 'a' }]);
    expect(b.has.size).toBe(0);
    for (const end of a.ended.values()) end();
    await until('b has it', () => b.has.size === 1);
    requireNeverTwo();
  });
});

describe('a member that does not reach the database', () => {
  const behindProxy = async () => {
    const proxy = await CuttableLine.start(server.port);
    onTestFinished(() => proxy.close());
    const address = Object.assign(new URL(database), { port: String(proxy.port) }).href;
    return { proxy, address };
  };

  test.each(['cut', 'silence'] as const)(
    'ends its cameras by its own clock before another has them (%s)',
    async (fault) => {
      addCameras(2);
      const { proxy, address } = await behindProxy();
      const [near, far] = [member('near'), member('far', { address })];
      await until('they share', () => String(sizes(near, far)) === '1,1');
      proxy[fault]();
      await until('near has both', () => near.has.size === 2);
      expect(far.has.size).toBe(0);
      expect(far.trouble).toBeDefined();
      requireNeverTwo();
      proxy.restore();
      await until('they share again', () => String(sizes(near, far)) === '1,1');
      expect(far.trouble).toBeUndefined();
      requireNeverTwo();
    },
  );
});

test('a database that starts again finds the leases as they were', async () => {
  addCameras(4);
  const [a, b] = [member('a'), member('b')];
  await until('they share', () => String(sizes(a, b)) === '2,2');
  await server.kill();
  await until('both see it', () => a.trouble !== undefined && b.trouble !== undefined);
  await server.resume();
  await until('they share again', () => String(sizes(a, b)) === '2,2' && !a.trouble && !b.trouble);
  requireNeverTwo();
});

test('a clock that is an hour off is told, and changes nothing', async () => {
  addCameras(2);
  const now = vi.spyOn(Date, 'now');
  const real = now.getMockImplementation() ?? (() => performance.timeOrigin + performance.now());
  now.mockImplementation(() => real() + 3_600_000);
  onTestFinished(() => now.mockRestore());
  const a = member('a');
  await until('it has both', () => a.has.size === 2);
  await until('its clock is known', () => a.leases.clockOff > 3_590_000);
  const begun = performance.now();
  await until('some renewals', () => performance.now() - begun > 4 * RENEW);
  expect(a.diary.filter((line) => !line.startsWith('gained'))).toEqual([]);
});

test('of two servers one announces, and the other when that one ends', async () => {
  addCameras(1);
  const [a, b] = [member('a', { kind: 'server' }), member('b', { kind: 'server' })];
  await until('one does', () => a.has.size + b.has.size === 1);
  const [first, second] = a.has.size === 1 ? [a, b] : [b, a];
  expect([...first.has]).toEqual([ANNOUNCING]);
  await first.leases.stop();
  await until('the other does', () => second.has.size === 1);
  requireNeverTwo();
});

describe('writes of a worker', () => {
  const claim = async (camera: string, worker: string) => {
    const [row] = await server.query(
      name(),
      `UPDATE leases SET worker = '${worker}', epoch = epoch + 1,
         until = clock_timestamp() + interval '1 hour' WHERE subject = '${camera}' RETURNING epoch`,
    );
    return Number(row!.epoch);
  };

  const open = () => {
    const worker = openWorkerStore(database, '/files', patient);
    onTestFinished(() => worker.store.close());
    return worker;
  };

  test('land while it has the lease, and never of its old epoch', async () => {
    const [id, other] = addCameras(2) as [string, string];
    const { store, writeUnder } = open();
    const camera = inventedCamera({ id });
    expect(() => store.saveCamera(camera)).toThrow(LeaseLost);
    writeUnder(new Map([[id, await claim(id, 'a')]]));
    const event = inventedEvent({ camera: id, end: null });
    store.addEvent(event, [{ url: 'http://a/', body: '{}' }]);
    await claim(id, 'b');
    const before = await whole();
    const writes: (() => unknown)[] = [
      () => store.saveCamera({ ...camera, life: 'stopped' }),
      () => store.removeCamera(id),
      () => store.addEvent(inventedEvent({ camera: id }), [{ url: 'http://a/', body: '{}' }]),
      () => store.updateEvent(event.id, { end: 5 }, [{ url: 'http://a/', body: '{}' }]),
      () => store.removeEvent(event.id),
      () => store.addScores(id, { from: 0, peaks: Float32Array.of(1) }),
      () => store.addFootage(id, { path: 'a.mp4', from: 0, to: 1, frames: 2 }),
      () => store.addOddMinutes([{ id: 'o', camera: id, time: 0, score: 1, verdict: 'open' }]),
      () => store.saveKeeper(id, { model: 'm' } as never),
      () => store.saveKeeper(id, { model: 'm' } as never, 'night'),
      () =>
        store.addPlaceMap(id, {
          time: 0,
          width: 1,
          height: 1,
          peak: 1,
          combination: 'sum',
          places: Uint8Array.of(1),
        }),
      // One that it never had.
      () => store.addScores(other, { from: 0, peaks: Float32Array.of(1) }),
    ];
    for (const write of writes) expect(write).toThrow(LeaseLost);
    expect(await whole()).toEqual(before);
  });

  test('stay fenced over a new connection', async () => {
    const [id] = addCameras(1) as [string];
    const { store, writeUnder } = open();
    writeUnder(new Map([[id, await claim(id, 'a')]]));
    await claim(id, 'b');
    await server.kill();
    expect(() => store.addScores(id, { from: 0, peaks: Float32Array.of(1) })).toThrow(
      StoreUnreachable,
    );
    await server.resume();
    await until('it is back', () => {
      try {
        store.addScores(id, { from: 0, peaks: Float32Array.of(1) });
        return true;
      } catch (error) {
        if (error instanceof StoreUnreachable) return false;
        expect(error).toBeInstanceOf(LeaseLost);
        return true;
      }
    });
    expect(await server.query(name(), 'SELECT * FROM scores')).toEqual([]);
  });

  test('are not hindered by those of a server, whose verdicts become orders', async () => {
    const [id] = addCameras(1) as [string];
    const { store, orders, writeUnder } = open();
    writeUnder(new Map([[id, await claim(id, 'a')]]));
    const event = inventedEvent({ camera: id, end: null });
    store.addEvent(event, []);
    const serving = openPostgres(database, '/files', patient);
    onTestFinished(() => serving.close());
    serving.updateEvent(event.id, { verdict: 'real' });
    store.updateEvent(event.id, { peak: { ...event.peak, score: 99 } });
    expect(serving.event(event.id)).toMatchObject({ verdict: 'real', peak: { score: 99 } });
    serving.removeEvent(event.id);
    const given = orders.of('a');
    expect(given.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['judged', event.id],
      ['dismissed', event.id],
    ]);
    for (const { number } of given) orders.done(number);
    expect([orders.of('a'), orders.of('b')]).toEqual([[], []]);
  });

  /** All rows of the database that a camera has. */
  async function whole(): Promise<unknown> {
    const tables = [
      ...['cameras', 'events', 'scores', 'footage', 'odd_minutes'],
      ...['keepers', 'night_keepers', 'place_maps', 'outbox', 'removals'],
    ];
    return Promise.all(tables.map((table) => server.query(name(), `SELECT * FROM ${table}`)));
  }
});
