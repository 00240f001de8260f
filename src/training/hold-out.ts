import { type Clip, unbroken } from '../datasets/clip.ts';
import { UserError } from '../errors.ts';
import { spread } from './spread.ts';

/** Part of a clip without a gap: frames `start` to `end - 1`. */
export interface Segment {
  /** Index of the clip. */
  readonly clip: number;
  readonly start: number;
  readonly end: number;
}

export interface HoldOut {
  readonly training: readonly Segment[];
  readonly heldOut: readonly Segment[];
}

/** From this many clips on, evenly spread ones are held out; of fewer, the one of the best length. */
const MANY = 8;

/** Pieces of a single clip. */
const PIECES = 8;

/**
 * Divides normal footage into a training part and a held-out part, independently of the seed. Whole clips
 * are held out, since another hour has other light and other people, which pieces of training clips would
 * not show. Only a single clip is cut into pieces. No window of frames crosses a piece or a gap; stretches
 * too short for a score are left out.
 * @param share held-out share of the clips or pieces; at least one is held out
 * @param clipLength frames that a score needs
 * @throws UserError when a clip is shorter than the model needs, or all of it is too short to
 *   hold anything out.
 */
export function holdOut(
  clips: readonly Pick<Clip, 'path' | 'frames' | 'gaps'>[],
  share: number,
  clipLength: number,
): HoldOut {
  for (const { path, frames } of clips)
    if (frames < clipLength)
      throw new UserError(
        `${path}: has ${frames} frames, the model needs at least ${clipLength}; leave it out or use longer footage`,
      );
  const whole = clips
    .map(({ frames, gaps }, clip): Part => {
      const piece = { clip, start: 0, end: frames };
      return withoutGaps(piece, gaps, clipLength);
    })
    .filter((segments) => segments.length > 0);
  const single = whole.length === 1 ? whole[0]![0]!.clip : undefined;
  const parts =
    single === undefined
      ? whole
      : cut({ clip: single, start: 0, end: clips[single]!.frames }, clipLength)
          .flatMap((piece) => withoutGaps(piece, clips[single]!.gaps, clipLength))
          .map((segment): Part => [segment]);
  if (parts.length < 2) {
    const { path, frames, gaps } = clips[single ?? 0]!;
    const broken = gaps?.length ? ` with gaps in ${gaps.length} places` : '';
    throw new UserError(
      `${path}: has ${frames} frames${broken}, too few to learn from and to hold some out; ` +
        `use at least ${4 * clipLength}${broken && ' without a gap'}`,
    );
  }
  const heldOut =
    single === undefined && parts.length < MANY
      ? [nearest(parts, share)]
      : spread(parts, Math.max(1, Math.round(share * parts.length)));
  return {
    training: parts.filter((part) => !heldOut.includes(part)).flat(),
    heldOut: heldOut.flat(),
  };
}

/** A unit of the division: a clip's stretches between gaps, or a piece of a single clip. */
type Part = readonly Segment[];

/** Stretches between the gaps of a piece that are long enough for a score. */
function withoutGaps(
  { clip, start, end }: Segment,
  gaps: Clip['gaps'],
  clipLength: number,
): Segment[] {
  return unbroken({ gaps }, start, end)
    .filter((stretch) => stretch.end - stretch.start >= clipLength)
    .map((stretch) => ({ clip, ...stretch }));
}

function cut({ clip, end }: Segment, clipLength: number): Segment[] {
  const fitting = Math.floor(end / (2 * clipLength));
  const count = Math.max(1, Math.min(PIECES, fitting));
  const at = (piece: number) => Math.round((piece * end) / count);
  return Array.from({ length: count }, (_, i) => ({ clip, start: at(i), end: at(i + 1) }));
}

/** The clip whose length is nearest to a share of the total. */
function nearest(clips: readonly Part[], share: number): Part {
  const lengthOf = (part: Part) => part.reduce((sum, { start, end }) => sum + end - start, 0);
  const wanted = share * clips.reduce((sum, clip) => sum + lengthOf(clip), 0);
  const distance = (part: Part) => Math.abs(lengthOf(part) - wanted);
  return clips.reduce((best, clip) => (distance(clip) < distance(best) ? clip : best));
}
