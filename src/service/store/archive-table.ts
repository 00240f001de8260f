import type { ArchivedContent, ArchiveRows } from '../parts.ts';
import type { Database, Parameters } from './database.ts';
import type { StoredPaths } from './stored-paths.ts';

/** What a file is of, as a condition on rows of its table. */
interface Owner {
  /** Selects the camera, the event and the footage that a new row names. */
  readonly columns: string;
  readonly from: string;
  readonly parameters: Parameters;
}

/** Files of an archive. In PostgreSQL only: one machine needs none. */
export class ArchiveTable implements ArchiveRows {
  readonly #database: Database;
  readonly #paths: StoredPaths;

  constructor(database: Database, paths: StoredPaths) {
    this.#database = database;
    this.#paths = paths;
  }

  now(): number {
    const sql = 'SELECT (1000 * extract(epoch FROM clock_timestamp()))::double precision AS now';
    return this.#database.get(sql)!.now as number;
  }

  content(path: string): ArchivedContent | undefined {
    const row = this.#database.get('SELECT hash, bytes FROM files WHERE path = :path', {
      path: this.#paths.stored(path),
    });
    return row && { hash: row.hash as string, bytes: row.bytes as number };
  }

  below(folder: string): string[] {
    const rows = this.#database.all(
      'SELECT path FROM files WHERE starts_with(path, :folder) ORDER BY path',
      { folder: `${this.#paths.stored(folder)}/` },
    );
    return rows.map(({ path }) => this.#paths.real(path as string));
  }

  missing(paths: readonly string[]): string[] {
    const rows = this.#database.all(
      `SELECT path FROM json_array_elements_text(:paths::json) AS there (path)
       WHERE NOT EXISTS (SELECT FROM files WHERE files.path = there.path)`,
      { paths: this.#list(paths) },
    );
    return rows.map(({ path }) => this.#paths.real(path as string));
  }

  isWanted(path: string): boolean {
    const owner = ownerOf(this.#paths.stored(path));
    const row = owner && this.#database.get(`SELECT 1 AS one ${owner.from}`, owner.parameters);
    return row !== undefined;
  }

  add(path: string, content: ArchivedContent, begun: number): 'stored' | 'unwanted' | 'swept' {
    const stored = this.#paths.stored(path);
    const owner = ownerOf(stored);
    if (!owner) return 'unwanted';
    const { hash, bytes } = content;
    return this.#database.transaction(() => {
      this.#lock(hash);
      const swept = this.#database.get(
        'SELECT hash FROM swept_objects WHERE hash = :hash AND (done IS NULL OR done >= :begun)',
        { hash, begun },
      );
      if (swept) return 'swept';
      const changed = this.#database.run(
        `INSERT INTO files (path, hash, bytes, camera, event, footage)
         SELECT :path::text, :hash::text, :bytes::bigint, ${owner.columns} ${owner.from}
         ON CONFLICT (path) DO UPDATE SET hash = excluded.hash, bytes = excluded.bytes,
           written = clock_timestamp()`,
        { ...owner.parameters, path: stored, hash, bytes },
      );
      return changed > 0 ? 'stored' : 'unwanted';
    });
  }

  remove(path: string): void {
    this.#database.transaction(() =>
      this.#database.run('DELETE FROM files WHERE path = :path', {
        path: this.#paths.stored(path),
      }),
    );
  }

  bytes(): number {
    return this.#database.get('SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM files')!
      .bytes as number;
  }

  bytesOf(paths: readonly string[]): number {
    const row = this.#database.get(
      `SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM files
       WHERE path IN (SELECT json_array_elements_text(:paths::json))`,
      { paths: this.#list(paths) },
    );
    return row!.bytes as number;
  }

  named(hashes: readonly string[]): Set<string> {
    const rows = this.#database.all(
      `SELECT DISTINCT hash FROM files
       WHERE hash IN (SELECT json_array_elements_text(:hashes::json))`,
      { hashes: JSON.stringify(hashes) },
    );
    return new Set(rows.map(({ hash }) => hash as string));
  }

  beginSweep(hash: string): boolean {
    return this.#database.transaction(() => {
      this.#lock(hash);
      const changed = this.#database.run(
        `INSERT INTO swept_objects (hash, begun)
         SELECT :hash::text, :now::double precision
         WHERE NOT EXISTS (SELECT FROM files WHERE files.hash = :hash)
         ON CONFLICT (hash) DO UPDATE SET begun = excluded.begun, done = NULL`,
        { hash, now: this.now() },
      );
      return changed > 0;
    });
  }

  endSweep(hash: string): void {
    this.#database.transaction(() =>
      this.#database.run('UPDATE swept_objects SET done = :now WHERE hash = :hash', {
        hash,
        now: this.now(),
      }),
    );
  }

  unfinishedSweeps(before: number): string[] {
    const sql = 'SELECT hash FROM swept_objects WHERE done IS NULL AND begun < :before';
    return this.#database.all(sql, { before }).map(({ hash }) => hash as string);
  }

  forgetSweeps(before: number): void {
    this.#database.quickTransaction(() =>
      this.#database.run('DELETE FROM swept_objects WHERE done < :before', { before }),
    );
  }

  /** A row of a hash is added, or its object swept, one after the other. */
  #lock(hash: string): void {
    this.#database.run('SELECT pg_advisory_xact_lock(hashtextextended(:hash, 0))', { hash });
  }

  #list(paths: readonly string[]): string {
    return JSON.stringify(paths.map((path) => this.#paths.stored(path)));
  }
}

/** @param path as it is stored @returns undefined for what no archive has */
function ownerOf(path: string): Owner | undefined {
  const [, kind, owner = '', rest] = /^\.\/([^/]+)\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (kind === 'events') {
    const has = rest?.endsWith('.mp4') ? 'clip = 1' : 'thumbnail = 1';
    return {
      columns: 'camera, id, NULL',
      from: `FROM events WHERE id = :event AND ${has}`,
      parameters: { event: owner },
    };
  }
  if (kind === 'footage')
    return {
      columns: 'camera, NULL, path',
      from: 'FROM footage WHERE path = :path',
      parameters: { path },
    };
  if (kind === 'models' || kind === 'odd') return ofCamera(owner);
  if (kind === 'scenes') return ofCamera(owner.replace(/\.json$/, ''));
  return undefined;
}

const ofCamera = (camera: string): Owner => ({
  columns: 'id, NULL, NULL',
  from: 'FROM cameras WHERE id = :camera',
  parameters: { camera },
});
