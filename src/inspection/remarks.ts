import type { Inspection } from './inspection.ts';

/** From here on one scale decides alone, on moving cells in the mean. */
const ALONE = 0.8;
/** Below it the weights of the granularities are as good as constant. */
const CONSTANT = 0.05;
/** Two parts above it say much the same. */
const ALIKE = 0.6;
/** A part should matter this many times more to its own decoder than to the other's. */
const OWN = 3;
/** Share of its prototypes below which a memory is hardly used. */
const USED = 1 / 8;
/** Two maps of the score above it count the same thing twice. */
const TWICE = 0.8;

/** What a figure says that should not be, in plain words; nothing where all is as the paper means it. */
export function remarks({ time, granularity, parts, memories, score }: Inspection): string[] {
  const found: string[] = [];
  for (const { stride, onMoving } of time?.scales ?? [])
    if (onMoving !== null && onMoving > ALONE)
      found.push(
        `stride ${stride} has ${two(onMoving)} of the weight where something moves: the other time scales are hardly used`,
      );
  if (granularity?.scales.every(({ deviation }) => deviation < CONSTANT))
    found.push('the granularities are weighed the same everywhere: the fusion does not adapt');
  if (parts) {
    if (parts.overlap > parts.overlapAtStart)
      found.push('the parts are more alike than at the start of the training');
    for (const [pair, alike] of Object.entries(parts.cka))
      if (alike > ALIKE) found.push(`${words(pair)} are much alike (${two(alike)} of 1)`);
    for (const [part, own, other] of [
      ['appearance', 'frame', 'difference'],
      ['motion', 'difference', 'frame'],
    ] as const) {
      const [mine, others] = [parts.ablation[part][own], parts.ablation[part][other]];
      if (mine == null || others == null) continue;
      // What a part takes away when it is replaced.
      if (mine - 1 < OWN * (others - 1))
        found.push(`the ${part} part serves the other decoder about as much as its own`);
      else if (mine < 1.05) found.push(`the ${part} part is of no use to its decoder`);
    }
  }
  for (const [name, { slots, perplexity }] of Object.entries(memories ?? {}))
    if (perplexity < USED * slots)
      found.push(`the ${name} memory uses ${two(perplexity)} of its ${slots} prototypes`);
  for (const [pair, correlation] of Object.entries(score?.correlation ?? {}))
    if (correlation > TWICE)
      found.push(
        `${pair.replace('-', ' and ')} rise together (${two(correlation)}): the score counts one thing twice`,
      );
  return found;
}

const two = (value: number): string => value.toFixed(2);

/** `commonAppearance` as `common and appearance`. */
const words = (pair: string): string =>
  pair.replace(/[A-Z]/, (letter) => ` and ${letter.toLowerCase()}`);
