import type { Logger } from 'pino';
import type { ServiceSettings } from '../contract/settings.ts';
import type { FileRows } from '../files/file-rows.ts';
import { type ServiceFiles, StoredFiles, type StoredFilesListener } from '../files/stored-files.ts';
import type { ArchiveRows, Learner } from '../parts.ts';
import { ArchiveKeeper } from './archive-keeper.ts';
import { ArchivedFiles } from './archived-files.ts';
import { ArchivedLearner } from './archived-learner.ts';
import type { Bucket } from './bucket.ts';
import { BucketArchive } from './bucket-archive.ts';

export interface ServiceFilesOptions {
  /** What is behind the folder; undefined where the folder is all. */
  readonly bucket: Bucket | undefined;
  readonly kind: 'server' | 'worker' | undefined;
  readonly folder: string;
  readonly rows: FileRows & { readonly archive: ArchiveRows };
  readonly limits: () => ServiceSettings['storage'];
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly learner: Learner;
}

/** What a service does with the files of a folder, by its kind. */
const parts = { alone: 'alone', worker: 'writer', server: 'keeper' } as const;

/** The files of a service, and its learner as that has footage and leaves models. */
export function serviceFiles(
  { bucket, kind, folder, rows, limits, logger, learner }: ServiceFilesOptions,
  listener: StoredFilesListener,
): { readonly files: ServiceFiles; readonly learner: Learner } {
  if (!bucket) {
    const part = parts[kind ?? 'alone'];
    return { files: new StoredFiles({ folder, rows, limits, part }, listener), learner };
  }
  const archived = rows.archive;
  const keeper =
    kind === 'server'
      ? new ArchiveKeeper({ bucket, archived, rows, limits, logger }, listener)
      : undefined;
  const archive = new BucketArchive(bucket, archived);
  const options = { folder, archive, archived, rows, limits, logger, keeper };
  const files = new ArchivedFiles(options, listener);
  return { files, learner: new ArchivedLearner(learner, files) };
}
