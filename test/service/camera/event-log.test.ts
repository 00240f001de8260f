import { describe, expect, test } from 'vitest';
import { EventLog } from '../../../src/service/camera/event-log.ts';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import { type NewEvent, type Store, StoreFull } from '../../../src/service/parts.ts';
import { settingsOf, stage } from './fakes.ts';

const eventOf = (id: string): NewEvent => ({
  id,
  camera: 'yard',
  kind: 'alarm',
  start: 1000,
  end: null,
  peak: { time: 1000, score: 9, appearance: 4, motion: 5 },
  threshold: 5,
  cause: 'motion',
  timeScale: 0.2,
  regions: [],
  size: { width: 640, height: 360 },
  shadow: false,
  alike: null,
  withheld: false,
  zone: null,
  quiet: null,
  signatures: [],
});

/** A store that is full while told so. */
function fillable(store: Store) {
  const state = { full: false };
  const unlessFull =
    <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      if (state.full) throw new StoreFull('full');
      return work(...args);
    };
  return {
    state,
    addEvent: unlessFull(store.addEvent.bind(store)),
    updateEvent: unlessFull(store.updateEvent.bind(store)),
    event: store.event.bind(store),
  };
}

function logged() {
  const { store } = stage();
  store.saveCamera({
    id: 'yard',
    settings: settingsOf(),
    life: 'watching',
    resumed: 'watching',
    model: null,
    threshold: null,
    learning: null,
    created: 1,
  });
  const disk = fillable(store);
  const told: AnomalyEvent[] = [];
  const added: string[] = [];
  const log = new EventLog(disk, {
    cameraName: () => 'Yard',
    messages: (event, moment) => [{ url: 'http://hook.example/', body: `${event.id} ${moment}` }],
    onStored: (event, isNew) => {
      told.push(event);
      if (isNew) added.push(event.id);
    },
  });
  const outbox = () => store.outbox(Date.now(), 100).map(({ body }) => body);
  return { log, disk, store, told, added, outbox };
}

describe('the way of events into the store', () => {
  test('an event is told when it is stored, its messages with it', () => {
    const { log, store, told, outbox } = logged();
    log.add(eventOf('a'));
    expect(store.event('a')).toBeDefined();
    expect(told).toMatchObject([{ id: 'a', cameraName: 'Yard', end: null }]);
    log.update('a', { thumbnail: true });
    log.update('a', { end: 2000 });
    expect(told.at(-1)).toMatchObject({ thumbnail: true, end: 2000 });
    expect(outbox()).toEqual(['a start', 'a end']);
  });

  test('on a full disk events wait untold, and are stored in order when there is room', () => {
    const { log, disk, store, told, added, outbox } = logged();
    log.add(eventOf('a'));
    disk.state.full = true;
    log.update('a', { end: 2000 });
    log.add(eventOf('b'));
    log.update('b', { thumbnail: true });
    log.update('b', { end: 3000 });
    expect(log.waiting).toBe(2);
    expect(told).toHaveLength(1);
    expect(log.has('b')).toBe(true);
    expect(log.retry()).toBe(false);
    disk.state.full = false;
    expect(log.retry()).toBe(true);
    expect(log.waiting).toBe(0);
    expect(store.event('a')).toMatchObject({ end: 2000 });
    expect(store.event('b')).toMatchObject({ end: 3000, thumbnail: true });
    expect(added).toEqual(['a', 'b']);
    expect(outbox()).toEqual(['a start', 'a end', 'b start', 'b end']);
  });

  test('what waits is bounded; those that find no room are counted', () => {
    const { log, disk, store } = logged();
    disk.state.full = true;
    for (let i = 0; i < 1003; i++) log.add(eventOf(`e${i}`));
    expect(log.waiting).toBe(1000);
    expect(log.lost).toBe(3);
    disk.state.full = false;
    log.retry();
    expect(store.events({ limit: 500 }).total).toBe(1000);
  });

  test('events of a camera that is removed are not stored any more', () => {
    const { log, disk } = logged();
    disk.state.full = true;
    log.add(eventOf('a'));
    log.forget('yard');
    expect(log.waiting).toBe(0);
  });

  test('a change of an event that is gone is nothing', () => {
    const { log, told } = logged();
    log.update('gone', { clip: true });
    expect(told).toEqual([]);
    expect(log.waiting).toBe(0);
  });
});
