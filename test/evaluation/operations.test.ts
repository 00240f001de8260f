import { describe, expect, it } from 'vitest';
import { operations } from '../../src/evaluation/operations.ts';
import { anomalousSpans } from '../../src/evaluation/spans.ts';

describe('operations', () => {
  it('counts false alarms, events found and their delay', () => {
    // The first alarm is on a normal frame; the next one is within a minute, and part of it.
    const labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1];
    const score = [0, 9, 0, 0, 0, 0, 0, 9, 9, 9, 0, 0, 0, 0, 0, 9];
    const result = operations([{ labels, score, fps: 1 }], 5);
    expect(result).toMatchObject({
      threshold: 5,
      alarmsPerHour: 360,
      falseAlarms: 1,
      normalHours: expect.closeTo(10 / 3600, 12),
      alarmsPerHourBound: expect.closeTo(4.743865 * 360, 3),
      eventsFound: 2,
      events: 3,
      medianDelayFrames: 0.5,
    });
  });

  it('does not count an alarm that is only held into an event', () => {
    const result = operations([{ labels: [0, 0, 1, 0], score: [0, 9, 0, 0], fps: 1 }], 5);
    expect(result).toMatchObject({ eventsFound: 0, events: 1, medianDelayFrames: null });
  });

  it('bounds the rate by how little was seen: no alarm in 36 s may be 300 an hour', () => {
    const labels = new Array<number>(360).fill(0);
    const result = operations([{ labels, score: labels, fps: 10 }], 5);
    // P(none | rate) = 5 %: -ln 0.05 = 2.9957 in 36 s.
    expect(result).toMatchObject({ alarmsPerHour: 0, falseAlarms: 0 });
    expect(result.alarmsPerHourBound).toBeCloseTo(299.57, 1);
  });

  it('keeps clips apart', () => {
    const clips = [
      { labels: [0, 1], score: [0, 9], fps: 1 },
      { labels: [1, 0], score: [9, 0], fps: 1 },
    ];
    expect(operations(clips, 5)).toMatchObject({ eventsFound: 2, events: 2, alarmsPerHour: 0 });
  });

  it('ends events and alarms at a gap of the recording', () => {
    const labels = [0, 0, 1, 1, 1, 1, 0, 0];
    // The alarm before the gap is on normal frames, and so is the one after it.
    const score = [0, 9, 0, 0, 0, 9, 9, 0];
    const clip = { labels, score, fps: 1 };
    expect(operations([clip], 5)).toMatchObject({ falseAlarms: 1, events: 1, eventsFound: 1 });
    expect(operations([{ ...clip, gaps: [4] }], 5)).toMatchObject({
      falseAlarms: 1,
      events: 2,
      eventsFound: 1,
      medianDelayFrames: 1,
    });
    expect(operations([{ ...clip, gaps: [6] }], 5)).toMatchObject({ falseAlarms: 2, events: 1 });
  });

  it('is null where there are no labels or no normal frames', () => {
    expect(operations([{ labels: undefined, score: [1], fps: 1 }], 5)).toEqual({
      threshold: 5,
      alarmsPerHour: null,
      falseAlarms: null,
      normalHours: null,
      alarmsPerHourBound: null,
      eventsFound: null,
      events: null,
      medianDelayFrames: null,
      keptBudgets: [],
    });
    expect(operations([{ labels: [1], score: [9], fps: 1 }], 5).alarmsPerHour).toBeNull();
  });
});

describe('anomalous spans', () => {
  it('are the runs of 1, to the end', () => {
    expect(anomalousSpans([1, 0, 1, 1])).toEqual([
      { start: 0, end: 1 },
      { start: 2, end: 4 },
    ]);
    expect(anomalousSpans([0, 0])).toEqual([]);
  });

  it('end at gaps', () => {
    expect(anomalousSpans([0, 1, 1, 1, 0, 1], [0, 2, 3, 4])).toEqual([
      { start: 1, end: 2 },
      { start: 2, end: 3 },
      { start: 3, end: 4 },
      { start: 5, end: 6 },
    ]);
  });
});
