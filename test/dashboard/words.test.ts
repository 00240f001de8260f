import { describe, expect, test } from 'vitest';
import { budgetSteps, budgetWords } from '../../dashboard/src/cameras/budget.ts';
import { lag, stateLook } from '../../dashboard/src/cameras/state.ts';
import { bytes, counted, score } from '../../dashboard/src/format/number.ts';
import { sentence } from '../../dashboard/src/format/sentence.ts';
import {
  ago,
  clock,
  day,
  duration,
  fromLocalInput,
  hours,
  localInput,
  moment,
  shortDay,
  timeLeft,
} from '../../dashboard/src/format/time.ts';
import { cameraPath, eventPath, placeOf } from '../../dashboard/src/shell/routes.ts';
import { cameraState } from '../../src/service/contract/camera.ts';

const at = (...date: [number, number, number, number, number, number]) =>
  new Date(...date).getTime();

describe('times', () => {
  const now = at(2026, 10, 25, 14, 3, 12);

  test('of the day, of yesterday, of another year', () => {
    expect(clock(now)).toBe('14:03:12');
    expect(day(now, now)).toBe('Today');
    expect(day(at(2026, 10, 24, 23, 59, 59), now)).toBe('Yesterday');
    expect(day(at(2026, 10, 20, 0, 0, 0), now)).toBe('Friday 20 November');
    expect(day(at(2025, 10, 20, 0, 0, 0), now)).toMatch(/2025$/);
    expect(shortDay(at(2026, 10, 20, 0, 0, 0), now)).toBe('Fri 20 Nov');
    expect(moment(now, now)).toBe('14:03:12');
    expect(moment(at(2026, 10, 20, 1, 2, 3), now)).toBe('Fri 20 Nov, 01:02:03');
  });

  test('of how long', () => {
    expect([0, 400, 9_900, 45_000, 600_000].map(duration)).toEqual([
      '0 s',
      '0.4 s',
      '9.9 s',
      '45 s',
      '10 min',
    ]);
    expect(duration(7_500_000)).toBe('2 h 5 min');
    expect(duration(7_200_000)).toBe('2 h');
    expect(duration(3 * 86_400_000)).toBe('3 days');
    expect(ago(now - 2000, now)).toBe('just now');
    expect(ago(now - 120_000, now)).toBe('2 min ago');
    expect(timeLeft(null)).toBe('time left not known yet');
    expect(timeLeft(780)).toBe('about 13 min left');
    expect([0.0072, 0.5, 3.24, 72, 120].map(hours)).toEqual([
      '26 s',
      '30 min',
      '3.2 h',
      '72 h',
      '5 days',
    ]);
  });

  test('come back from an input', () => {
    const minute = at(2026, 5, 1, 9, 30, 0);
    expect(localInput(minute)).toBe('2026-06-01T09:30');
    expect(fromLocalInput(localInput(minute))).toBe(minute);
    expect(localInput(undefined)).toBe('');
    expect(fromLocalInput('')).toBeUndefined();
  });
});

test('numbers', () => {
  expect([999, 3_400_000_000, 20e9].map(bytes)).toEqual(['999 B', '3.4 GB', '20 GB']);
  expect([null, 3.126, -0.5].map(score)).toEqual(['–', '3.13', '−0.50']);
  expect([counted(1, 'camera'), counted(1200, 'camera')]).toEqual(['1 camera', '1,200 cameras']);
  expect(['the disk is full', 'Ready.', ''].map(sentence)).toEqual([
    'The disk is full.',
    'Ready.',
    '',
  ]);
});

describe('a budget', () => {
  test('in words', () => {
    expect([1 / 30, 1 / 7, 0.5, 1, 4, 2.5, 48].map(budgetWords)).toEqual([
      '1 alarm a month',
      '1 alarm a week',
      '3.5 alarms a week',
      '1 alarm a day',
      '4 alarms a day',
      '2.5 alarms a day',
      '2 alarms an hour',
    ]);
  });

  test('has the one in force among its steps, in order', () => {
    expect(budgetSteps(5)).toContain(5);
    expect(budgetSteps(5)).toEqual(budgetSteps(5).toSorted((a, b) => a - b));
    expect(budgetSteps(4)).toHaveLength(budgetSteps(5).length - 1);
  });
});

describe('a state', () => {
  test('has a word and a shape of its own, besides its colour', () => {
    const looks = cameraState.options.map((state) => stateLook(state, false));
    expect(new Set(looks.map(({ word }) => word)).size).toBe(looks.length);
    expect(stateLook('watching', true).word).toBe('Alarm');
    expect(stateLook('offline', true).word).toBe('Offline');
    expect(stateLook('watching', false, true)).toMatchObject({ word: 'On trial', tone: 'warn' });
  });

  test('says when it lags', () => {
    const counts = {
      frames: 1000,
      dropped: 2,
      scored: 998,
      reconnects: 0,
      latencyMs: 80,
      framesPerSecond: 10,
    };
    expect(lag(counts)).toBeNull();
    expect(lag({ ...counts, dropped: 250 })).toBe('250 frames dropped (25 %)');
    expect(lag({ ...counts, latencyMs: 2300 })).toBe('2.3 s behind');
  });
});

test('paths lead to pages', () => {
  expect(placeOf('/')).toEqual({ page: 'wall' });
  expect(placeOf('/events/')).toEqual({ page: 'events' });
  expect(placeOf(eventPath('a/b'))).toEqual({ page: 'event', id: 'a/b' });
  expect(placeOf(cameraPath('gate'))).toEqual({ page: 'camera', id: 'gate' });
  expect(placeOf('/cameras/new')).toEqual({ page: 'new camera' });
  for (const path of ['/cameras', '/x', '/settings/more', '/events/%ff', '/events/a/b']) {
    expect(placeOf(path), path).toEqual({ page: 'nowhere' });
  }
});
