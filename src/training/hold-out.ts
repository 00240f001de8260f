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

/** From this many clips on some are held out spread evenly; of fewer, one that is as long as wanted. */
const MANY = 8;

/** A single clip is cut into so many pieces. */
const PIECES = 8;

/**
 * Divides normal footage into what is learned and what is held out, spread evenly over the footage,
 * whatever the seed. Whole clips are held out, for another hour has another light and another crowd:
 * pieces of the clips that were learned say nothing of it. Only a single clip is cut into pieces. No
 * window of frames crosses from one piece to the next.
 * @param share of the clips or pieces that is held out; at least one is
 * @param clipLength frames that a score needs
 * @throws UserError when a clip is shorter than the model needs, or all of it is too short to
 *   hold anything out.
 */
export function holdOut(
  clips: readonly { readonly path: string; readonly frames: number }[],
  share: number,
  clipLength: number,
): HoldOut {
  for (const { path, frames } of clips)
    if (frames < clipLength)
      throw new UserError(
        `${path}: has ${frames} frames, the model needs at least ${clipLength}; leave it out or use longer footage`,
      );
  const whole = clips.map(({ frames }, clip): Segment => ({ clip, start: 0, end: frames }));
  const pieces = whole.length === 1 ? cut(whole[0]!, clipLength) : whole;
  if (pieces.length < 2)
    throw new UserError(
      `${clips[0]!.path}: has ${clips[0]!.frames} frames, too few to learn from and to hold some out; ` +
        `use at least ${4 * clipLength}`,
    );
  const heldOut =
    whole.length > 1 && whole.length < MANY
      ? [nearest(whole, share)]
      : spread(pieces, Math.max(1, Math.round(share * pieces.length)));
  return { training: pieces.filter((piece) => !heldOut.includes(piece)), heldOut };
}

function cut({ clip, end }: Segment, clipLength: number): Segment[] {
  const fitting = Math.floor(end / (2 * clipLength));
  const count = Math.max(1, Math.min(PIECES, fitting));
  const at = (piece: number) => Math.round((piece * end) / count);
  return Array.from({ length: count }, (_, i) => ({ clip, start: at(i), end: at(i + 1) }));
}

/** The clip whose length is nearest to a share of all. */
function nearest(clips: readonly Segment[], share: number): Segment {
  const wanted = share * clips.reduce((sum, { end }) => sum + end, 0);
  const distance = ({ end }: Segment) => Math.abs(end - wanted);
  return clips.reduce((best, clip) => (distance(clip) < distance(best) ? clip : best));
}
