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

const within = (file: Span, span: Span): boolean => file.from >= span.from && file.to <= span.to;

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
    .filter((file) => within(file, span) || overlaps(file, normal))
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
      !(learned && within(file, learned)) &&
      !overlaps(file, normal) &&
      !overlaps(file, open),
  );
}
