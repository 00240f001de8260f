import type { Signature } from '../../scoring/budget/verdict-memory.ts';
import type { CameraScore } from '../parts.ts';

/** How much the shares of the score count beside the picture at its worst place. */
const SHARES_WEIGHT = 0.5;

/**
 * What something odd looks like and how it moves, as far as a score tells: the place that is worst,
 * the shares of appearance and motion, and the picture there where inference describes it.
 */
export function signatureOf(score: CameraScore): Signature {
  const { appearance, motion, place, look = [] } = score;
  const [looks, moves] = [Math.max(0, appearance), Math.max(0, motion)];
  const sum = Math.hypot(looks, moves) || 1;
  const shares = [looks / sum, moves / sum].map((share) =>
    look.length > 0 ? SHARES_WEIGHT * share : share,
  );
  return { ...(place ?? worstCell(score)), features: [...shares, ...look], score: score.score };
}

function worstCell({ heatmap }: CameraScore): { readonly x: number; readonly y: number } {
  const { width, height, data } = heatmap;
  let worst = 0;
  for (let i = 1; i < data.length; i++) if (data[i]! > data[worst]!) worst = i;
  return { x: ((worst % width) + 0.5) / width, y: (Math.floor(worst / width) + 0.5) / height };
}
