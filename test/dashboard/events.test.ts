import { describe, expect, test } from 'vitest';
import { neighbours } from '../../dashboard/src/events/neighbours.ts';
import { EventPages } from '../../dashboard/src/events/pages.ts';
import { matches, readQuery, writeQuery } from '../../dashboard/src/events/query.ts';
import {
  type RowBox,
  rowAfterKey,
  rowsInSight,
  scrollToRow,
} from '../../dashboard/src/events/rows.ts';
import { regionWords, timeScaleWords, whyParts } from '../../dashboard/src/events/why.ts';
import type { AnomalyEvent, EventPage } from '../../src/service/contract/event.ts';

const event = (start: number, change: Partial<AnomalyEvent> = {}): AnomalyEvent => ({
  id: `e${start}`,
  camera: 'gate',
  cameraName: 'Gate',
  kind: 'alarm',
  start,
  end: start + 5,
  peak: { time: start + 2, score: 6, appearance: 4.5, motion: 1.5 },
  threshold: 3,
  cause: 'appearance',
  timeScale: null,
  regions: [],
  size: { width: 600, height: 300 },
  verdict: 'open',
  thumbnail: true,
  clip: true,
  clipMissing: null,
  zone: null,
  kept: false,
  note: null,
  effect: null,
  shadow: false,
  quiet: null,
  alike: null,
  withheld: false,
  retracted: null,
  ...change,
});

/** As the service answers: the latest first, `from` and `to` (exclusive) of the starts. */
const serviceOf = (all: readonly AnomalyEvent[]) => {
  const sorted = all.toSorted((a, b) => b.start - a.start);
  return async (
    query: { from?: number | undefined; to?: number | undefined },
    cursor: string | null,
    limit: number,
  ): Promise<EventPage> => {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query;
    const wanted = sorted.filter(({ start }) => start >= from && start < to);
    const at = cursor === null ? 0 : Number(cursor);
    const next = at + limit < wanted.length ? String(at + limit) : null;
    return { events: wanted.slice(at, at + limit), next, total: wanted.length };
  };
};

describe('the query of a list', () => {
  test('comes back from an address as it was written', () => {
    const query = { camera: 'a b', kind: 'near miss', verdict: 'real', from: 5, to: 9 } as const;
    expect(readQuery(writeQuery(query))).toEqual(query);
    expect(writeQuery({})).toBe('');
  });

  test('leaves out what it does not know', () => {
    expect(readQuery('?kind=flood&cause=motion&from=soon&x=1')).toEqual({ cause: 'motion' });
  });

  test('says which events belong to it, as the service does', () => {
    expect(matches(event(10), {})).toBe(true);
    expect(matches(event(10), { camera: 'door' })).toBe(false);
    expect(matches(event(10), { kind: 'near miss' })).toBe(false);
    expect(matches(event(10), { verdict: 'open', cause: 'appearance' })).toBe(true);
    expect(matches(event(10), { from: 10, to: 11 })).toBe(true);
    expect(matches(event(10), { from: 11 })).toBe(false);
    expect(matches(event(10), { to: 10 })).toBe(false);
  });
});

describe('the pages of a list', () => {
  const all = Array.from({ length: 1300 }, (_, k) => event(1000 + 10 * k));
  const open = async () => {
    const service = serviceOf(all);
    let asked = 0;
    const pages = new EventPages((cursor, limit) => {
      asked++;
      return service({}, cursor, limit);
    });
    await pages.open();
    return { pages, asked: () => asked };
  };

  test('come as far as somebody looks, once', async () => {
    const { pages, asked } = await open();
    expect([pages.events.length, pages.total, asked()]).toEqual([100, 1300, 1]);
    await Promise.all([pages.reach(150, () => {}), pages.reach(700, () => {})]);
    expect([pages.events.length, asked()]).toEqual([1100, 3]);
    await pages.reach(1000, () => {});
    expect(asked()).toBe(3);
    await pages.reach(5000, () => {});
    expect(pages.events.map(({ id }) => id)).toEqual(all.toReversed().map(({ id }) => id));
  });

  test('take a new event where it belongs, and a known one in its place', async () => {
    const { pages } = await open();
    expect(pages.take(event(99_999))).toBe(0);
    expect(pages.take(event(13_985))).toBe(2);
    expect([pages.events.length, pages.total]).toEqual([102, 1302]);
    expect(pages.take(event(99_999, { verdict: 'real' }))).toBe(-1);
    expect(pages.events[0]!.verdict).toBe('real');
    // Older than what is there: it comes with its page.
    expect(pages.take(event(1005))).toBe(-1);
    expect(pages.total).toBe(1302);
  });

  test('forget what was removed', async () => {
    const { pages } = await open();
    expect(pages.remove('e13970')).toBe(2);
    expect([pages.events.length, pages.total]).toEqual([99, 1299]);
    expect(pages.remove('e13970')).toBe(-1);
  });
});

describe('rows', () => {
  const box: RowBox = { scrollTop: 1000, height: 300, rowHeight: 50, count: 100 };

  test('in sight are few, however many there are', () => {
    expect(rowsInSight(box, 2)).toEqual({ first: 18, end: 28 });
    expect(rowsInSight({ ...box, scrollTop: 0 }, 2)).toEqual({ first: 0, end: 8 });
    expect(rowsInSight({ ...box, scrollTop: 4700, count: 1e6 }, 2)).toEqual({
      first: 92,
      end: 102,
    });
    expect(rowsInSight({ ...box, count: 0 }, 2)).toEqual({ first: 0, end: 0 });
  });

  test('are scrolled to by the shortest way', () => {
    expect(scrollToRow(box, 22)).toBe(1000);
    expect(scrollToRow(box, 3)).toBe(150);
    expect(scrollToRow(box, 26)).toBe(1050);
  });

  test('are gone through by keys, not past the ends', () => {
    expect(rowAfterKey('ArrowDown', 20, box)).toBe(21);
    expect(rowAfterKey('ArrowUp', 0, box)).toBe(0);
    expect(rowAfterKey('PageDown', 20, box)).toBe(25);
    expect(rowAfterKey('End', 20, box)).toBe(99);
    expect(rowAfterKey('x', 20, box)).toBeUndefined();
  });
});

describe('the neighbours of an event', () => {
  const HOUR = 3_600_000;
  const all = [0, 1, 2, 600, 601].map((hour) => event(hour * HOUR));

  test('are the nearest before and after it, however far', async () => {
    const found = await neighbours(all[2]!, {}, serviceOf(all));
    expect([found.earlier?.id, found.later?.id]).toEqual([all[1]!.id, all[3]!.id]);
  });

  test('are the nearest of many in the same hour', async () => {
    const many = Array.from({ length: 1200 }, (_, k) => event(k * 1000));
    const found = await neighbours(many[7]!, {}, serviceOf(many));
    expect([found.earlier?.id, found.later?.id]).toEqual(['e6000', 'e8000']);
  });

  test('are none at the ends', async () => {
    expect((await neighbours(all[0]!, {}, serviceOf(all))).earlier).toBeNull();
    expect((await neighbours(all[4]!, {}, serviceOf(all))).later).toBeNull();
  });
});

describe('why', () => {
  test('has both parts, the larger one first, nothing below normal', () => {
    const parts = whyParts(event(0, { peak: { time: 0, score: 3, appearance: -1, motion: 4 } }));
    expect(parts.map(({ cause, share }) => [cause, share])).toEqual([
      ['motion', 1],
      ['appearance', 0],
    ]);
    expect(whyParts(event(0)).map(({ share }) => share)).toEqual([0.75, 0.25]);
  });

  test('says where and at which time scale', () => {
    const region = { x: 10, y: 210, width: 90, height: 80, score: 3 };
    expect(regionWords(region, { width: 600, height: 300 })).toBe('Bottom left, 90 × 80 pixels');
    expect(regionWords({ ...region, x: 260, y: 110 }, { width: 600, height: 300 })).toMatch(
      /^Middle/,
    );
    expect(timeScaleWords(event(0, { timeScale: 0.4 }))).toContain('about 0.4 s');
    expect(timeScaleWords(event(0))).toBeNull();
  });
});
