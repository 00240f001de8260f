import { chartMarkup, type Tick, ticks } from './chart.ts';
import type { LossPoint, LossTerm } from './data.ts';
import { brief, escapeHtml } from './markup.ts';

/** The loss over the training, a small chart for each term; nothing where nothing was recorded. */
export function lossSection(terms: readonly LossTerm[]): string {
  const drawn = terms.filter(({ training }) => training.length > 0);
  if (drawn.length === 0) return '';
  return `<section><h2>Training</h2>
<ul class="legend"><li><i class="key training"></i>trained on</li><li><i class="key validation"></i>held out</li></ul>
<p class="note">Each term of the loss over the epochs, on a logarithmic scale unless it falls below 0.</p>
<div class="losses">${drawn.map(termFigure).join('\n')}</div></section>`;
}

function termFigure({ name, training, validation }: LossTerm): string {
  const points = [...training, ...validation];
  const logarithmic = points.every(({ value }) => value >= 0);
  const height = logarithmic ? logarithm : (value: number) => value;
  const line = (kind: string, list: readonly LossPoint[]) => ({
    kind,
    x: list.map(({ epoch }) => epoch),
    y: list.map(({ value }) => height(value)),
  });
  const values = points.map(({ value }) => height(value));
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const room = 0.08 * (high - low || 1);
  const epochs = points.reduce((most, { epoch }) => Math.max(most, epoch), 0);
  const last = (list: readonly LossPoint[]) => brief(list.at(-1)!.value);
  const heldOut = validation.length > 0 ? `, held out ${last(validation)}` : '';
  return `<figure><figcaption><b>${escapeHtml(name)}</b> ${last(training)}${heldOut}</figcaption>${chartMarkup(
    {
      kind: 'low',
      description: `${name} over ${brief(epochs)} epochs, from ${brief(training[0]!.value)} to ${last(training)}${heldOut}`,
      lines: [line('training', training), line('validation', validation)],
      width: epochs,
      low: low - room,
      high: high + room,
      ...(logarithmic ? { yTicks: decadeTicks(low - room, high + room) } : {}),
      xTicks: ticks(0, epochs).map((at) => ({ at, label: brief(at) })),
    },
  )}</figure>`;
}

/** A term may be exactly zero, as the separation of a memory with nothing left to separate. */
function logarithm(value: number): number {
  return Math.log10(Math.max(value, 1e-9));
}

/** 1, 2 and 5 times each power of ten within a range of logarithms, or the powers alone in a wide one. */
function decadeTicks(low: number, high: number): Tick[] {
  const factors = high - low < 1.6 ? [1, 2, 5] : [1];
  const found: Tick[] = [];
  for (let power = Math.floor(low); power <= high; power++)
    for (const factor of factors) {
      const at = power + Math.log10(factor);
      if (at >= low && at <= high) found.push({ at, label: brief(10 ** at) });
    }
  return found;
}
