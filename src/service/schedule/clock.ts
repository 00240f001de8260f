import type { Profile, Weekday, WeeklyTimes } from '../contract/profile.ts';

const MINUTE = 60_000;
const MINUTES_A_DAY = 24 * 60;
const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;

/** The hour at which a morning begins, by the clock of this machine. */
const MORNING = 7;

/** As `Date.getDay` counts them. */
const days: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const minutesOf = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number);
  return 60 * hours! + minutes!;
};

/** Whether a time of the week lies in some times; where they go over midnight they began the day before. */
function isIn({ days: begun, from, to }: WeeklyTimes, date: Date): boolean {
  const now = 60 * date.getHours() + date.getMinutes();
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const today = begun.includes(days[date.getDay()]!);
  if (start < end) return today && now >= start && now < end;
  const yesterday = begun.includes(days[(date.getDay() + 6) % 7]!);
  return (today && now >= start) || (yesterday && now < end);
}

/** The profile that the clock puts in force: the first whose times it is. */
export function profileAt(profiles: readonly Profile[], time: number): Profile | undefined {
  const date = new Date(time);
  return profiles.find(({ times }) => times.some((some) => isIn(some, date)));
}

/** When the clock puts another profile in force; null where it never does. */
export function nextChange(profiles: readonly Profile[], time: number): number | null {
  const now = profileAt(profiles, time);
  const minute = time - (time % MINUTE);
  for (let ahead = 1; ahead <= MINUTES_A_WEEK; ahead++) {
    const then = minute + ahead * MINUTE;
    if (profileAt(profiles, then) !== now) return then;
  }
  return null;
}

/** The next morning after a time. */
export function morningAfter(time: number): number {
  const morning = new Date(time);
  morning.setHours(MORNING, 0, 0, 0);
  if (morning.getTime() <= time) morning.setDate(morning.getDate() + 1);
  return morning.getTime();
}
