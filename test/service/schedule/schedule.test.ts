import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { cameraSettings } from '../../../src/service/contract/camera.ts';
import { type Profile, profile } from '../../../src/service/contract/profile.ts';
import { morningAfter, nextChange, profileAt } from '../../../src/service/schedule/clock.ts';
import { Profiles, underProfile } from '../../../src/service/schedule/profiles.ts';
import { Schedule } from '../../../src/service/schedule/schedule.ts';
import { Snoozes } from '../../../src/service/schedule/snoozes.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { settingsOf, temporaryFolder } from '../camera/fakes.ts';

/** A Monday, by the clock of this machine. */
const monday = (hours: number, minutes = 0): number =>
  new Date(2026, 10, 30, hours, minutes).getTime();
const DAY = 24 * 3_600_000;

const night = profile.parse({
  name: 'night',
  times: [{ days: ['mon'], from: '22:00', to: '06:00' }],
  alarmsPerDay: 1,
});
const away = profile.parse({ name: 'away', notify: [], cameras: ['yard'] });

describe('the clock', () => {
  test('puts a profile in force on its days, over midnight too', () => {
    const at = (time: number) => profileAt([away, night], time)?.name;
    expect(at(monday(21, 59))).toBeUndefined();
    expect(at(monday(22))).toBe('night');
    expect(at(monday(29, 59))).toBe('night');
    expect(at(monday(30))).toBeUndefined();
    expect(at(monday(46))).toBeUndefined();
    expect(at(monday(5))).toBeUndefined();
  });

  test('knows the whole day, and the first of two that meet', () => {
    const all = profile.parse({ name: 'all', times: [{ from: '00:00', to: '00:00' }] });
    expect(profileAt([night, all], monday(23))?.name).toBe('night');
    expect(profileAt([night, all], monday(12))?.name).toBe('all');
  });

  test('knows when it changes next, and when a morning begins', () => {
    expect(nextChange([night], monday(12))).toBe(monday(22));
    expect(nextChange([night], monday(23))).toBe(monday(30));
    expect(nextChange([away], monday(12))).toBeNull();
    expect(morningAfter(monday(6))).toBe(monday(7));
    expect(morningAfter(monday(7))).toBe(monday(31));
  });
});

test('a profile refuses times that are none', () => {
  expect(profile.safeParse({ name: 'x', times: [{ from: '24:00', to: '06:00' }] }).success).toBe(
    false,
  );
  expect(
    profile.safeParse({ name: 'x', times: [{ days: [], from: '1:00', to: '2' }] }).success,
  ).toBe(false);
});

test('a profile sets budget and zones of a camera, and leaves the rest', () => {
  const polygon = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  const settings = cameraSettings.parse({
    ...settingsOf(),
    regions: [
      { name: 'door', kind: 'zone', polygon },
      { name: 'tree', kind: 'ignore', polygon },
    ],
  });
  const quiet = profile.parse({ name: 'x', zones: { door: false, tree: false }, alarmsPerDay: 9 });
  const under = underProfile(settings, quiet);
  expect(under.budget).toEqual({ ...settings.budget, alarmsPerDay: 9 });
  expect(under.regions.map(({ alarms }) => alarms)).toEqual([false, true]);
  expect(underProfile(settings, undefined)).toBe(settings);
});

describe('a schedule', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: monday(12) }));
  afterEach(() => void vi.useRealTimers());

  function staged(profiles: Profile[] = [night, away]) {
    const folder = temporaryFolder();
    const told: string[] = [];
    const open = () => {
      const store = openStore(folder);
      const schedule = new Schedule(
        new Profiles(
          store.schedule,
          () => profiles,
          () => told.push(`profile ${schedule.profiles.current?.name}`),
        ),
        new Snoozes(store.schedule, (camera) => told.push(`snooze ${camera}`)),
      );
      schedule.start();
      return { store, schedule };
    };
    const first = open();
    first.store.saveCamera({
      id: 'yard',
      settings: settingsOf(),
      life: 'watching',
      resumed: 'watching',
      model: null,
      threshold: null,
      learning: null,
      created: 1,
    });
    return { ...first, told, open, profiles };
  }

  test('follows the clock, and says once that it changed', () => {
    const { schedule, store, told } = staged();
    schedule.tick();
    expect(told).toEqual([]);
    vi.setSystemTime(monday(22));
    schedule.tick();
    schedule.tick();
    expect(told).toEqual(['profile night']);
    expect(schedule.profiles.status).toEqual({
      profile: 'night',
      by: 'clock',
      until: monday(30),
      profiles: ['night', 'away'],
    });
    store.close();
  });

  test('keeps what a person chose over a restart, until it is left to the clock', () => {
    const { schedule, store, told, open, profiles } = staged();
    schedule.profiles.choose({ by: 'choice', profile: 'away' });
    expect(told).toEqual(['profile away']);
    expect(schedule.quiet('yard')).toBe('profile');
    expect(schedule.quiet('gate')).toBeNull();
    store.close();
    vi.setSystemTime(monday(23));
    const again = open();
    expect(again.schedule.profiles.status).toMatchObject({ profile: 'away', by: 'choice' });
    // One that is deleted is left to the clock.
    profiles.pop();
    expect(again.schedule.profiles.status).toMatchObject({ profile: 'night', by: 'clock' });
    again.schedule.profiles.choose({ by: 'choice', profile: null });
    expect(again.schedule.profiles.current).toBeUndefined();
    again.schedule.profiles.choose({ by: 'clock' });
    expect(again.schedule.profiles.current?.name).toBe('night');
    expect(() => again.schedule.profiles.choose({ by: 'choice', profile: 'none' })).toThrow(
      UserError,
    );
    again.store.close();
  });

  test('snoozes a camera for minutes or until morning, over a restart, and ends by itself', () => {
    const { schedule, store, told, open } = staged();
    schedule.snoozes.begin('yard', { for: 30 });
    expect(schedule.snoozedUntil('yard')).toBe(monday(12, 30));
    expect(schedule.quiet('yard')).toBe('snoozed');
    schedule.snoozes.begin('yard', { for: 'morning' });
    store.close();
    const again = open();
    expect(again.schedule.snoozedUntil('yard')).toBe(monday(31));
    vi.setSystemTime(monday(31));
    again.schedule.tick();
    expect(again.schedule.quiet('yard')).toBeNull();
    expect(told).toEqual(['snooze yard', 'snooze yard', 'snooze yard']);
    expect(again.store.schedule.snoozes().size).toBe(0);
    again.schedule.snoozes.begin('yard', { for: DAY / 60_000 });
    again.schedule.snoozes.end('yard');
    again.schedule.snoozes.end('yard');
    expect(told).toHaveLength(5);
    again.store.close();
  });
});
