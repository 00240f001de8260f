/** Hours as a person says them: `12 s`, `40 min`, `6.5 h`. */
export function hoursWords(hours: number): string {
  if (hours < 1 / 60) return `${Math.round(hours * 3600)} s`;
  if (hours < 2) return `${Math.round(hours * 60)} min`;
  return `${Number(hours.toFixed(hours < 10 ? 1 : 0))} h`;
}
