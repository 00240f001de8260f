import { type Clip, unbroken } from '../datasets/clip.ts';
import { UserError } from '../errors.ts';
import { spread } from './spread.ts';

/** A stretch of a clip without a break: frames `start` to `end - 1`. */
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

/** Footage of fewer clips than this is cut into so many pieces before some are held out. */
const PIECES = 8;

/**
 * Divides normal footage into what is learned and what is held out. Whole clips are held out where
 * there are many; few clips are cut into pieces. The held-out ones are spread evenly over the
 * footage, whatever the seed. No window of frames crosses from one piece to the next, nor a gap.
 * @param share of the pieces that is held out; at least one is
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
  const wanted = clips.length < PIECES ? Math.ceil(PIECES / clips.length) : 1;
  const pieces = clips.flatMap((source, clip) => {
    const { frames } = source;
    const fitting = Math.floor(frames / (2 * clipLength));
    const count = Math.max(1, Math.min(wanted, fitting));
    const cut = (at: number) => Math.round((at * frames) / count);
    return Array.from({ length: count }, (_, i) => unbroken(source, cut(i), cut(i + 1)))
      .flat()
      .filter(({ start, end }) => end - start >= clipLength)
      .map(({ start, end }): Segment => ({ clip, start, end }));
  });
  if (pieces.length < 2)
    throw new UserError(
      `${clips[0]!.path}: has ${clips[0]!.frames} frames, too few to learn from and to hold some out; ` +
        `use at least ${4 * clipLength}`,
    );
  const count = Math.max(1, Math.round(share * pieces.length));
  const heldOut = spread(pieces, count);
  return { training: pieces.filter((piece) => !heldOut.includes(piece)), heldOut };
}
