import type { RecordedFile, Span } from '../parts.ts';

/** What is known of a camera's footage. */
export interface FootageKnowledge {
  /** Since when footage is collected for the learning under way; infinity where there is none. */
  readonly begun: number;
  /** Judged normal by a person, and not yet judged at all: the latter may still become so. */
  readonly normal: readonly Span[];
  readonly open: readonly Span[];
  /** Judged real, or odd and not confirmed as normal. */
  readonly excluded: readonly Span[];
}

/** Milliseconds of footage that a watching camera keeps, of which nothing is known yet. */
export const RECENT = 10 * 60_000;

const overlaps = (file: Span, spans: readonly Span[]): boolean =>
  spans.some(({ from, to }) => from <= file.to && to >= file.from);

/**
 * The footage of a learning: what was collected for it without what is not normal, and what a
 * person confirmed as normal before.
 */
export function footageToLearn(
  files: readonly RecordedFile[],
  { begun, normal, excluded }: FootageKnowledge,
): RecordedFile[] {
  return files
    .filter((file) => !overlaps(file, excluded))
    .filter((file) => file.from >= begun || overlaps(file, normal))
    .toSorted((a, b) => a.from - b.from);
}

/** The footage that will be of no use to any learning. */
export function footageToDrop(
  files: readonly RecordedFile[],
  { begun, normal, open }: FootageKnowledge,
  now: number,
): RecordedFile[] {
  return files.filter(
    (file) =>
      file.from < begun &&
      file.to < now - RECENT &&
      !overlaps(file, normal) &&
      !overlaps(file, open),
  );
}

/** Seconds of footage that were collected since a learning began; a last frame lasts as long as the others. */
export function collectedSeconds(files: readonly RecordedFile[], begun: number): number {
  return files
    .filter(({ from, frames }) => from >= begun && frames > 1)
    .reduce((sum, { from, to, frames }) => sum + ((to - from) / 1000) * (frames / (frames - 1)), 0);
}
