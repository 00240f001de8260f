import type { Logger } from 'pino';
import type { ServiceSettings } from '../contract/settings.ts';
import type { FileRows } from '../files/file-rows.ts';
import type { StoredFilesListener } from '../files/stored-files.ts';
import type { ArchiveRows } from '../parts.ts';
import { ArchiveKeeper } from './archive-keeper.ts';
import { ArchivedFiles } from './archived-files.ts';
import type { Bucket } from './bucket.ts';
import { BucketArchive } from './bucket-archive.ts';

export interface ArchivedOptions {
  /** The working folder. */
  readonly folder: string;
  readonly rows: FileRows & { readonly archive: ArchiveRows };
  readonly limits: () => ServiceSettings['storage'];
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** A server keeps the archive within its limit; a worker only puts and fetches. */
  readonly role: 'server' | 'worker';
}

/** The files of one machine whose archive is a bucket. */
export function archivedFiles(
  bucket: Bucket,
  { folder, rows, limits, logger, role }: ArchivedOptions,
  listener: StoredFilesListener,
): ArchivedFiles {
  const archived = rows.archive;
  const keeper =
    role === 'server'
      ? new ArchiveKeeper({ bucket, archived, rows, limits, logger }, listener)
      : undefined;
  const archive = new BucketArchive(bucket, archived);
  return new ArchivedFiles({ folder, archive, archived, rows, limits, logger, keeper }, listener);
}
