/** A file that a route sends: it may be gone by then, which is a 404. */
export interface StoredFile {
  readonly path: string;
  readonly type: 'image/jpeg' | 'image/png' | 'video/mp4';
}
