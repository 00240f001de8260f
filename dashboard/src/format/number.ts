const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `3.4 GB` */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toFixed(value < 10 && unit ? 1 : 0))} ${UNITS[unit]}`;
}

/** A score or a threshold: two digits after the point, a minus that is one. */
export const score = (value: number | null): string =>
  value === null ? '–' : value.toFixed(2).replace('-', '−');

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `1 camera`, `2 cameras` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
