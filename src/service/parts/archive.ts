/** Content of a file as the archive has it. */
export interface ArchivedContent {
  /** SHA-256, in hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
}

/**
 * Rows of the files that an archive has, by their paths in the data folder. A file is of an event,
 * of footage, or of a camera itself (models, its scene, pictures of odd minutes), and its row goes with
 * that.
 * @throws CannotStore as the store does
 */
export interface ArchiveRows {
  /** Milliseconds since 1970, by the clock of the database. */
  now(): number;
  content(path: string): ArchivedContent | undefined;
  /** Paths below a folder. */
  below(folder: string): string[];
  /** Of these paths, those that have no row. */
  missing(paths: readonly string[]): string[];
  /** Whether what the file is of is stored, and says that it has the file. */
  isWanted(path: string): boolean;
  /**
   * Adds or replaces a row. Nothing is stored where the file is not wanted, nor where its object was
   * swept since the put of it began, which is then to be done again.
   * @param begun when the put began, by {@link now}
   * @throws LeaseLost
   */
  add(path: string, content: ArchivedContent, begun: number): 'stored' | 'unwanted' | 'swept';
  remove(path: string): void;
  /** Bytes of all files. */
  bytes(): number;
  /** Bytes of these files. */
  bytesOf(paths: readonly string[]): number;
  /** Of these hashes, those that a row names. */
  named(hashes: readonly string[]): Set<string>;
  /** Marks an object as being swept. @returns whether that may go on: no row names it */
  beginSweep(hash: string): boolean;
  endSweep(hash: string): void;
  /** Objects whose sweep began before a time and did not end. */
  unfinishedSweeps(before: number): string[];
  /** Forgets sweeps that ended before a time: no put is as old. */
  forgetSweeps(before: number): void;
}
