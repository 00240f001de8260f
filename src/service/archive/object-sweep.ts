import type { ArchiveRows } from '../parts.ts';
import type { Bucket, ListedObject } from './bucket.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Milliseconds after which a sweep of an object whose program ended is done again. */
const UNFINISHED = HOUR;

/**
 * Removes objects that no row names and that were put more than a day ago, by the clocks of the bucket
 * and the database. A put of the same content meanwhile finds it marked, and puts it again
 * ([decision 21](../../../docs/decisions/0021-many-machines.md)).
 * @returns how many were removed
 */
export async function sweepObjects(
  bucket: Pick<Bucket, 'list' | 'written' | 'remove'>,
  rows: ArchiveRows,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  const old = rows.now() - DAY;
  for (const hash of rows.unfinishedSweeps(rows.now() - UNFINISHED)) {
    await bucket.remove(hash);
    rows.endSweep(hash);
    removed += 1;
  }
  for await (const page of bucket.list()) {
    for (const hash of unnamed(page, old, rows)) {
      if (signal?.aborted) return removed;
      if (await sweepObject(hash, old, bucket, rows)) removed += 1;
    }
  }
  rows.forgetSweeps(rows.now() - 7 * DAY);
  return removed;
}

function unnamed(page: readonly ListedObject[], old: number, rows: ArchiveRows): string[] {
  const candidates = page.filter(({ written }) => written < old).map(({ hash }) => hash);
  if (candidates.length === 0) return [];
  const named = rows.named(candidates);
  return candidates.filter((hash) => !named.has(hash));
}

async function sweepObject(
  hash: string,
  old: number,
  bucket: Pick<Bucket, 'written' | 'remove'>,
  rows: ArchiveRows,
): Promise<boolean> {
  if (!rows.beginSweep(hash)) return false;
  // It may have been put again since it was listed.
  const written = await bucket.written(hash);
  const goes = written !== undefined && written < old;
  if (goes) await bucket.remove(hash);
  rows.endSweep(hash);
  return goes;
}
