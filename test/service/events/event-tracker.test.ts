import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alarmsOf } from '../../../src/service/budget/budget.ts';
import { type EventChange, EventTracker } from '../../../src/service/events/event-tracker.ts';
import { scoreAt } from './scores.ts';

/** Threshold of most tests; a near miss is above 7. */
const threshold = 10;

/** Pushes a series of scores, and says what happened: `started 3`, by the seconds of the scores. */
function told(series: readonly (readonly [seconds: number, score: number])[]): string[] {
  const tracker = new EventTracker(5000);
  return series.flatMap(([seconds, score]) =>
    tracker.push(scoreAt(seconds * 1000, score), threshold).map(inWords),
  );
}

function inWords(change: EventChange): string {
  if (change.change === 'dropped') return 'dropped';
  const { kind, start, end, peak } = change.event;
  const span = end === null ? `${start / 1000}` : `${start / 1000}-${end / 1000}`;
  return `${kind} ${change.change} ${span} peak ${peak.score}`;
}

/** A score each second, from a text of them: `.` is 0, `n` 8 (nearly), `A` 12 (above), `P` 20. */
const seconds = (text: string): [number, number][] =>
  [...text].map((sign, i) => [i, { '.': 0, n: 8, A: 12, P: 20 }[sign]!]);

describe('alarms', () => {
  test('start above the threshold, tell a higher peak, and end two seconds after they were last above', () => {
    expect(told(seconds('..APP.......'))).toEqual([
      'alarm started 2 peak 12',
      'alarm updated 2 peak 20',
      'alarm ended 2-6 peak 20',
    ]);
    expect(told([[0, threshold]])).toEqual([]);
  });

  test('with less than five seconds between them are one', () => {
    expect(told(seconds('A...A........'))).toEqual([
      'alarm started 0 peak 12',
      'alarm ended 0-6 peak 12',
    ]);
    expect(told(seconds('A....A.......'))).toEqual([
      'alarm started 0 peak 12',
      'alarm ended 0-2 peak 12',
      'alarm started 5 peak 12',
      'alarm ended 5-7 peak 12',
    ]);
  });

  test('go by time, however many frames there are', () => {
    const slow = told([
      [0, 12],
      [60, 12],
    ]);
    expect(slow).toEqual([
      'alarm started 0 peak 12',
      'alarm ended 0-2 peak 12',
      'alarm started 60 peak 12',
    ]);
    const fast = Array.from({ length: 400 }, (_, i) => [i / 50, i < 50 ? 12 : 0] as const);
    expect(told(fast)).toEqual(['alarm started 0 peak 12', 'alarm ended 0-2.98 peak 12']);
  });

  test('tell a rising peak once a second, and the last of it when they end', () => {
    const rising = Array.from({ length: 25 }, (_, i) => [i / 10, 11 + i] as const);
    expect(told([...rising, [9, 0]])).toEqual([
      'alarm started 0 peak 11',
      'alarm updated 0 peak 21',
      'alarm updated 0 peak 31',
      'alarm ended 0-4.4 peak 35',
    ]);
  });

  test('that do not end are ended after five minutes, and none starts until it was quiet', () => {
    const quiet = '.'.repeat(8);
    expect(told(seconds(`${'A'.repeat(1000)}...A...A${quiet}A${quiet}`))).toEqual([
      'alarm started 0 peak 12',
      'alarm ended 0-300 peak 12',
      'alarm started 1016 peak 12',
      'alarm ended 1016-1018 peak 12',
    ]);
  });

  test('are ended where no scores follow', () => {
    const tracker = new EventTracker(5000);
    expect(tracker.interrupt(0)).toEqual([]);
    tracker.push(scoreAt(1000, 12), threshold);
    expect(tracker.alarm).toMatchObject({ start: 1000 });
    expect(tracker.interrupt(1500).map(inWords)).toEqual(['alarm ended 1-1.5 peak 12']);
    expect(tracker.alarm).toBeUndefined();
    expect(tracker.push(scoreAt(1600, 12), threshold).map(inWords)).toEqual([
      'alarm started 1.6 peak 12',
    ]);
    expect(tracker.interrupt(60_000).map(inWords)).toEqual(['alarm ended 1.6-3.6 peak 12']);
  });

  test('end with a clock that is set back, not hours later', () => {
    expect(
      told([
        [8000, 12],
        [8001, 12],
        [100, 0],
        [101, 12],
      ]),
    ).toEqual([
      'alarm started 8000 peak 12',
      'alarm ended 8000-8001 peak 12',
      'alarm started 101 peak 12',
    ]);
    expect(told([[10, 12], [9.9, 12], ...seconds('.').map(() => [30, 0] as const)])).toEqual([
      'alarm started 10 peak 12',
      'alarm ended 10-11.9 peak 12',
    ]);
  });

  test('keep the threshold they started with', () => {
    const tracker = new EventTracker(5000);
    tracker.push(scoreAt(0, 12), 10);
    tracker.push(scoreAt(4000, 12), 15);
    expect(tracker.push(scoreAt(8000, 12), 15)).toEqual([]);
    expect(tracker.alarm).toMatchObject({ start: 0, threshold: 10 });
    const ended = tracker.push(scoreAt(14_000, 12), 15).map(inWords);
    expect(ended).toEqual(['alarm ended 0-10 peak 12']);
  });

  test('are caused by the part that is larger at the peak, where regions and picture are from', () => {
    const tracker = new EventTracker(5000);
    const region = { x: 1, y: 1, width: 1, height: 1, score: 9 };
    const parts = { appearance: 8, motion: 4, timeScale: 0.4 };
    const [started] = tracker.push(scoreAt(0, 12, parts), threshold);
    expect(started).toMatchObject({ event: { cause: 'appearance', timeScale: null } });
    const moved = { appearance: 6, motion: 14, timeScale: 0.4, regions: [region] };
    tracker.push(scoreAt(500, 20, moved), threshold);
    tracker.push(scoreAt(1000, 13, parts), threshold);
    const [ended] = tracker.push(scoreAt(9000, 0), threshold);
    expect(ended).toMatchObject({
      event: {
        peak: { time: 500, score: 20, appearance: 6, motion: 14 },
        cause: 'motion',
        timeScale: 0.4,
        regions: [region],
        heatmap: { data: Uint8Array.of(20) },
      },
    });
  });
});

describe('near misses', () => {
  test('are what may not alarm: told with the reason, and an alarm where that is over', () => {
    const tracker = new EventTracker(5000);
    const alike = { event: 'before', time: 7 };
    const held = { alike, withheld: false };
    const changes = [
      ...tracker.push(scoreAt(0, 12), threshold, held),
      ...tracker.push(scoreAt(1000, 13), threshold, held),
      ...tracker.push(scoreAt(9000, 0), threshold),
    ];
    expect(changes).toMatchObject([
      { change: 'ended', event: { kind: 'near miss', alike, peak: { score: 13 } } },
    ]);
    tracker.push(scoreAt(10_000, 12), threshold, held);
    expect(tracker.push(scoreAt(11_000, 30), threshold).map(inWords)).toEqual([
      'alarm started 11 peak 30',
    ]);
  });

  test('are told when they are over', () => {
    expect(told(seconds('.nn.....'))).toEqual(['near miss ended 1-4 peak 8']);
  });

  test('are none where they become an alarm, or linger after one', () => {
    expect(told(seconds('.nnAnnnnnnnnn........'))).toEqual([
      'alarm started 3 peak 12',
      'alarm ended 3-5 peak 12',
    ]);
    expect(told(seconds('A.....nn......'))).toEqual([
      'alarm started 0 peak 12',
      'alarm ended 0-2 peak 12',
      'near miss ended 6-9 peak 8',
    ]);
  });

  test('are none where they are cut off', () => {
    const tracker = new EventTracker(5000);
    tracker.push(scoreAt(0, 8), threshold);
    expect(tracker.interrupt(1000)).toEqual([]);
    expect(tracker.push(scoreAt(9000, 0), threshold)).toEqual([]);
  });

  test('of an hour are the twenty strongest', () => {
    const tracker = new EventTracker(5000);
    const kept = new Map<string, number>();
    let changes = 0;
    const miss = (minute: number, score: number) => {
      for (const time of [0, 6000])
        for (const change of tracker.push(scoreAt(minute * 60_000 + time, time ? 0 : score), 100)) {
          changes++;
          if (change.change === 'dropped') kept.delete(change.id);
          else kept.set(change.event.id, change.event.peak.score);
        }
    };
    for (let minute = 0; minute < 30; minute++) miss(minute, 75 + ((minute * 7) % 20));
    expect([...kept.values()].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => 75 + ((i * 7) % 20))
        .sort((a, b) => a - b)
        .slice(10),
    );
    expect(changes).toBeGreaterThan(20);
    miss(120, 71);
    expect([...kept.values()]).toContain(71);
  });
});

test('whatever the scores, every alarm is told once, and those that the history would have given are the same', () => {
  const series = fc.array(
    fc.record({
      pause: fc.oneof(
        { weight: 9, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) },
      ),
      run: fc.integer({ min: 1, max: 120 }),
      score: fc.constantFrom(0, 5, 8, 12, Number.NaN),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(series, (runs) => {
      const tracker = new EventTracker(5000);
      const changes: EventChange[] = [];
      const history: { from: number; peaks: Float32Array }[] = [];
      let time = 0;
      for (const { pause, run, score } of runs) {
        history.push({ from: time, peaks: new Float32Array(run).fill(score) });
        for (let i = 0; i < run; i++, time += 1000)
          changes.push(...tracker.push(scoreAt(time, score), threshold));
        time += (pause - 1) * 1000;
      }
      changes.push(...tracker.interrupt(time));
      const alarms = changes.flatMap((change) =>
        change.change !== 'dropped' && change.event.kind === 'alarm' ? [change] : [],
      );
      const of = (what: string) => alarms.filter(({ change }) => change === what);
      expect(of('started').map(({ event }) => event.id)).toEqual(
        of('ended').map(({ event }) => event.id),
      );
      const spans = of('ended').map(({ event }) => [event.start, event.peak.score]);
      expect(spans).toEqual(
        alarmsOf(history, threshold, 5000).map(({ time, peak }) => [time, peak]),
      );
      let before = Number.NEGATIVE_INFINITY;
      for (const { event } of of('ended')) {
        expect(event.start).toBeGreaterThan(before);
        expect(event.end! - event.start).toBeLessThanOrEqual(300_000);
        before = event.end!;
      }
    }),
  );
});
