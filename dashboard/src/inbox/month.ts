/** A day of a calendar: its start and end in ms since 1970, by the reader's clock. */
export interface CalendarDay {
  readonly from: number;
  readonly to: number;
  readonly date: number;
  /** Whether it is of the month itself, not of the weeks around it. */
  readonly inMonth: boolean;
}

/** Six weeks from the Monday before the first of a month. Days are as long as the clock says. */
export function daysOfMonth(year: number, month: number): CalendarDay[] {
  const first = new Date(year, month, 1);
  const before = (first.getDay() + 6) % 7;
  return Array.from({ length: 42 }, (_, i) => {
    const from = new Date(year, month, 1 - before + i);
    const to = new Date(year, month, 2 - before + i);
    return {
      from: from.getTime(),
      to: to.getTime(),
      date: from.getDate(),
      inMonth: from.getMonth() === first.getMonth(),
    };
  });
}

/** The day that a time lies in. */
export function dayOf(time: number): { from: number; to: number } {
  const date = new Date(time);
  const at = (days: number) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  return { from: at(0), to: at(1) };
}
