import type { RecordedFile, StoredCamera } from '../parts.ts';
import type { FileRows } from './file-rows.ts';

/** Share of the limit that footage may take while there are clips, which people look at. */
const footageShare = 0.25;

/** What goes first to make room. */
export type Oldest =
  | { readonly kind: 'footage'; readonly path: string }
  | { readonly kind: 'clip' | 'pictures'; readonly event: string };

/**
 * Footage beyond its share goes first, then clips, then footage, then pictures, and those of kept
 * events last. What a learning under way needs never goes.
 * @param bytesOf bytes of these files
 * @returns undefined where nothing may go
 */
export function oldest(
  rows: Pick<FileRows, 'cameras' | 'footage' | 'eventsWithClip' | 'eventsWithThumbnail'>,
  bytesOf: (files: readonly RecordedFile[]) => number,
  maxBytes: number,
): Oldest | undefined {
  const footage = spareFootage(rows);
  const [first] = footage;
  const [withClip] = rows.eventsWithClip(1);
  const clipGoes = withClip !== undefined && !withClip.kept;
  if (first && (!clipGoes || bytesOf(footage) > footageShare * maxBytes))
    return { kind: 'footage', path: first.path };
  const [withThumbnail] = rows.eventsWithThumbnail(1);
  if (withClip !== undefined && (!withClip.kept || (withThumbnail?.kept ?? true)))
    return { kind: 'clip', event: withClip.id };
  return withThumbnail && { kind: 'pictures', event: withThumbnail.id };
}

/** Footage that no learning under way needs, the oldest first. */
function spareFootage(rows: Pick<FileRows, 'cameras' | 'footage'>): RecordedFile[] {
  const spare = (camera: StoredCamera, file: RecordedFile) =>
    camera.learning === null || isReplaced(camera, file);
  return rows
    .cameras()
    .flatMap((camera) => rows.footage(camera.id).filter((file) => spare(camera, file)))
    .toSorted((a, b) => a.from - b.from);
}

/** Whether footage of the last learning is about to be replaced by what is collected. */
function isReplaced({ learning, learned }: StoredCamera, { from, to }: RecordedFile): boolean {
  const last = learned?.span;
  return (
    last != null && from >= last.from && to <= last.to && !learning?.span && to < learning!.begun
  );
}

/** How an event's row says that a file of it made room. */
export const madeRoom = {
  clip: { clip: false, clipMissing: 'made room' },
  pictures: { thumbnail: false },
} as const;
