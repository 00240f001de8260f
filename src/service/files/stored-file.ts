/** A file that a route sends: it may be gone by then, which is a 404. */
export interface StoredFile {
  readonly path: string;
  /** Has it brought to that path, where it is on another machine. @param longest milliseconds */
  readonly fetch: (longest?: number) => Promise<void>;
  readonly type: 'image/jpeg' | 'image/png' | 'video/mp4';
}
