import { basename } from 'node:path';
import type { ArchiveRows } from '../parts.ts';
import type { Archive } from './archive.ts';

/**
 * Makes sure that all of a model is in its folder, `model.json` last.
 * @throws UserError with one line where something of it cannot be had
 */
export async function fetchModel(
  folder: string,
  archive: Pick<Archive, 'fetch'>,
  rows: Pick<ArchiveRows, 'below'>,
): Promise<void> {
  for (const path of modelLast(rows.below(folder))) await archive.fetch(path);
}

/** The files of a model, `model.json` of the whole at the end: with it, all are there. */
export const modelLast = (paths: readonly string[]): readonly string[] =>
  paths.toSorted((a, b) => rank(a) - rank(b) || a.length - b.length).toReversed();

const rank = (path: string): number => (basename(path) === 'model.json' ? 0 : 1);
