const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});
const shortDayFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
});

/** `14:03:12` */
export const clock = (time: number): string => clockFormat.format(time);

const midnight = (time: number): number => new Date(time).setHours(0, 0, 0, 0);

/** Days back from now, by the calendar of the reader. */
const daysBack = (time: number, now: number): number =>
  Math.round((midnight(now) - midnight(time)) / DAY);

/** `Today`, `Yesterday`, `Tuesday 24 November`; with the year where it is another one. */
export function day(time: number, now = Date.now()): string {
  const back = daysBack(time, now);
  if (back === 0) return 'Today';
  if (back === 1) return 'Yesterday';
  const year = new Date(time).getFullYear();
  return year === new Date(now).getFullYear()
    ? dayFormat.format(time)
    : `${dayFormat.format(time)} ${year}`;
}

/** `Today`, `Yesterday`, `Tue 24 Nov` */
export const shortDay = (time: number, now = Date.now()): string =>
  daysBack(time, now) < 2 ? day(time, now) : shortDayFormat.format(time);

/** `14:03:12` today, else `Tue 24 Nov, 14:03:12`. */
export const moment = (time: number, now = Date.now()): string =>
  daysBack(time, now) === 0 ? clock(time) : `${shortDayFormat.format(time)}, ${clock(time)}`;

/** `3 s`, `4 min`, `2 h 5 min`, `3 days`: a length of time in ms, with what matters of it. */
export function duration(ms: number): string {
  if (ms < 10 * SECOND) return `${Number((Math.max(0, ms) / SECOND).toFixed(1))} s`;
  if (ms < 90 * SECOND) return `${Math.round(ms / SECOND)} s`;
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) {
    const minutes = Math.round(ms / MINUTE);
    return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
  }
  return `${Math.round(ms / DAY)} days`;
}

/** `just now`, `4 min ago` */
export const ago = (time: number, now = Date.now()): string =>
  now - time < 5 * SECOND ? 'just now' : `${duration(now - time)} ago`;

/** `about 4 min left`, or that nobody knows yet. */
export const timeLeft = (seconds: number | null): string =>
  seconds === null
    ? 'time left not known yet'
    : seconds < 1
      ? 'nearly done'
      : `about ${duration(seconds * SECOND)} left`;

/** Hours in words: `40 min`, `3.2 h`, `5 days`. */
export const hours = (count: number): string => {
  if (count < 1) return duration(count * HOUR);
  return count < 96
    ? `${Number(count.toFixed(count < 10 ? 1 : 0))} h`
    : `${Math.round(count / 24)} days`;
};

/** The value of an `<input type="datetime-local">`, and back. */
export function localInput(time: number | undefined): string {
  if (time === undefined) return '';
  const local = new Date(time - new Date(time).getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16);
}

export const fromLocalInput = (value: string): number | undefined => {
  const time = value ? new Date(value).getTime() : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
};
