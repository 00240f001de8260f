import type { RecordedFile, Span } from '../parts.ts';

/** What is known of a camera's footage. */
export interface FootageKnowledge {
  /** Since when footage is collected for the learning under way; infinity where there is none. */
  readonly begun: number;
  /** When the footage of the last learning was collected, which can be learned again. */
  readonly learned: Span | null;
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

export const isWithin = (file: Span, span: Span): boolean =>
  file.from >= span.from && file.to <= span.to;

/**
 * The footage of a learning: what was collected in its span without what is not normal, and what a
 * person confirmed as normal at any time.
 */
export function footageToLearn(
  files: readonly RecordedFile[],
  span: Span,
  { normal, excluded }: Pick<FootageKnowledge, 'normal' | 'excluded'>,
): RecordedFile[] {
  return files
    .filter((file) => !overlaps(file, excluded))
    .filter((file) => isWithin(file, span) || overlaps(file, normal))
    .toSorted((a, b) => a.from - b.from);
}

/** The footage that will be of no use to any learning. */
export function footageToDrop(
  files: readonly RecordedFile[],
  { begun, learned, normal, open }: Omit<FootageKnowledge, 'excluded'>,
  now: number,
): RecordedFile[] {
  return files.filter(
    (file) =>
      file.from < begun &&
      file.to < now - RECENT &&
      !(learned && isWithin(file, learned)) &&
      !overlaps(file, normal) &&
      !overlaps(file, open),
  );
}

/**
 * Footage that came as it was: of the last learning, and what is recent. What is kept for an event alone
 * would show more alarms than a camera has.
 */
export function footageToRehearse(
  files: readonly RecordedFile[],
  learned: Span | null,
  now: number,
): RecordedFile[] {
  return files
    .filter((file) => file.to >= now - RECENT || (learned && isWithin(file, learned)))
    .toSorted((a, b) => a.from - b.from);
}

export const secondsOf = (files: readonly Span[]): number =>
  files.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);

/** The last of some files, as many as reach a length. @param files in the order of time */
export function latest<File extends Span>(files: readonly File[], seconds: number): File[] {
  const wanted: File[] = [];
  for (const file of files.toReversed())
    if (secondsOf(wanted) < seconds) wanted.unshift(file);
    else break;
  return wanted;
}
