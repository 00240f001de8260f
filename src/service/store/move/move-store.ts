import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { CannotStore } from '../../parts.ts';
import { type CopiedFiles, copyFiles } from './files.ts';
import { PostgresSource } from './postgres-source.ts';
import { PostgresTarget } from './postgres-target.ts';
import type { SourceStore, StoreAddress, TargetStore } from './sides.ts';
import { SqliteSource } from './sqlite-source.ts';
import { SqliteTarget } from './sqlite-target.ts';
import { type SharedTable, sharedTables } from './tables.ts';

export interface MoveOptions {
  readonly from: StoreAddress;
  readonly to: StoreAddress;
  /** The folder of the files of a side in PostgreSQL; default: that of the other side. */
  readonly files?: string | undefined;
  readonly signal: AbortSignal;
  /** @param share of the files, and then of the rows, 0 to 1 */
  readonly onProgress: (what: 'files' | 'rows', share: number, details?: string) => void;
}

export interface Moved {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** The folder that the rows' paths are relative to from now on; null where no side named one. */
  readonly folder: string | null;
  /** Files that were copied there. */
  readonly copied: CopiedFiles;
}

/**
 * Copies a store with all its rows into an empty one, of either engine: all of it or nothing. The source
 * stays as it is, and nothing else may use either while it runs.
 * @throws UserError; the reason of the signal
 */
export async function moveStore(options: MoveOptions): Promise<Moved> {
  const { from, to, files, signal, onProgress } = options;
  const [sourceFiles, targetFiles] = [filesOf(from, to, files), filesOf(to, from, files)];
  requireTwo(from, to);
  const source = await openSource(from);
  try {
    const target = await openTarget(to);
    try {
      const copied =
        sourceFiles === undefined || targetFiles === undefined || same(sourceFiles, targetFiles)
          ? { count: 0, bytes: 0 }
          : await copyFiles(sourceFiles, targetFiles, signal, (share) =>
              onProgress('files', share),
            );
      const rows = await copyRows(source, target, signal, (share, table) =>
        onProgress('rows', share, table),
      );
      signal.throwIfAborted();
      await target.commit();
      return { rows, folder: targetFiles ?? null, copied };
    } finally {
      await target.close();
    }
  } catch (error) {
    if (error instanceof CannotStore)
      throw new UserError(`${to.name}: ${error.message}; nothing was moved`);
    throw error;
  } finally {
    await source.close();
  }
}

async function copyRows(
  source: SourceStore,
  target: TargetStore,
  signal: AbortSignal,
  onProgress: (share: number, table: string) => void,
): Promise<Record<string, number>> {
  const tables = sharedTables();
  const counts = new Map<SharedTable, number>();
  for (const table of tables) counts.set(table, await source.count(table));
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const moved: Record<string, number> = {};
  let done = 0;
  for (const table of tables) {
    let rows = 0;
    for await (const batch of source.batches(table)) {
      signal.throwIfAborted();
      onProgress(all === 0 ? 1 : done / all, table.name);
      await target.insert(table, batch);
      rows += batch.length;
      done += batch.length;
    }
    if (rows !== counts.get(table))
      throw new Error(`${table.name}: ${rows} rows came of ${counts.get(table)}`);
    if (table.numbered) await target.setLastNumber(table, await source.lastNumber(table));
    moved[table.name] = rows;
  }
  onProgress(1, 'all tables');
  return moved;
}

/** Where the files of a side are. */
function filesOf(
  side: StoreAddress,
  other: StoreAddress,
  files: string | undefined,
): string | undefined {
  if (side.kind === 'folder') return side.folder;
  if (files !== undefined) return resolve(files);
  return other.kind === 'folder' ? other.folder : undefined;
}

function requireTwo(from: StoreAddress, to: StoreAddress): void {
  const alike =
    from.kind === 'folder' && to.kind === 'folder'
      ? same(from.folder, to.folder)
      : from.kind === 'postgres' && to.kind === 'postgres' && from.name === to.name;
  if (alike) throw new UserError(`${to.name}: is the store that is to be moved; name another`);
}

const same = (one: string, other: string): boolean => real(one) === real(other);

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

const openSource = async (side: StoreAddress): Promise<SourceStore> =>
  side.kind === 'folder'
    ? new SqliteSource(side.folder)
    : await PostgresSource.open(side.address, side.name);

const openTarget = async (side: StoreAddress): Promise<TargetStore> =>
  side.kind === 'folder'
    ? new SqliteTarget(side.folder)
    : await PostgresTarget.open(side.address, side.name);
