import type { Inspection } from '../../inspection/inspection.ts';
import { remarks } from '../../inspection/remarks.ts';
import { escapeHtml, figure } from './markup.ts';

/** What the parts of a model do inside, as tables; nothing where it was not looked at. */
export function innerSection(inner: Inspection | undefined, note: string): string {
  if (!inner) return '';
  const found = remarks(inner);
  return `<section><h2>Inside</h2>
<p class="note">${escapeHtml(note)}</p>
<div class="columns">
${timeTable(inner)}
${granularityTable(inner)}
${partsTable(inner)}
${memoriesTable(inner)}
${scoreTable(inner)}
</div>
${found.length > 0 ? `<h3>To remark</h3><ul class="remarks">${found.map((remark) => `<li>${escapeHtml(remark)}</li>`).join('')}</ul>` : ''}
</section>`;
}

type Cell = number | null | undefined;

function figures(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly [name: string, ...values: string[]])[],
  note = '',
): string {
  const head = columns.map((column) => `<th scope="col">${column}</th>`).join('');
  const body = rows.map(
    ([name, ...values]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${values.map((value) => `<td>${value}</td>`).join('')}</tr>`,
  );
  return `<div><table><thead><tr><th scope="col">${title}</th>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>${note && `<p class="note">${note}</p>`}</div>`;
}

const digits = (value: Cell, decimals: number): string => figure(value ?? null, decimals);

function timeTable({ time }: Inspection): string {
  if (!time) return '';
  return figures(
    'Time scales',
    ['Weight', 'Where something moves'],
    time.scales.map(({ stride, weight, onMoving }) => [
      `stride ${stride}`,
      digits(weight, 3),
      digits(onMoving, 3),
    ]),
    `Entropy ${digits(time.entropy, 3)} where something moves: 1 is even weights, 0 one scale alone.`,
  );
}

function granularityTable({ granularity }: Inspection): string {
  if (!granularity) return '';
  return figures(
    'Granularities',
    ['Weight', 'Deviation'],
    granularity.scales.map(({ patch, weight, deviation }) => [
      `patch ${patch}`,
      digits(weight, 3),
      digits(deviation, 3),
    ]),
    'Deviation over cells and frames: 0 is a constant, not a choice.',
  );
}

function partsTable({ parts }: Inspection): string {
  if (!parts) return '';
  const { ablation, cka } = parts;
  return figures(
    'Parts',
    ['Frame’s error without', 'Difference’s error without'],
    Object.entries(ablation).map(([part, { frame, difference }]) => [
      part,
      digits(frame, 2),
      digits(difference, 2),
    ]),
    `Times the error with the part: 1 is a part of no use. Alike, 0 to 1: common and appearance ${digits(cka.commonAppearance, 2)}, common and motion ${digits(cka.commonMotion, 2)}, appearance and motion ${digits(cka.appearanceMotion, 2)}; together ${digits(parts.overlap, 2)}, and ${digits(parts.overlapAtStart, 2)} when the training began.`,
  );
}

function memoriesTable({ memories }: Inspection): string {
  if (!memories) return '';
  return figures(
    'Memories',
    ['Prototypes', 'In use'],
    Object.entries(memories).map(([name, { slots, perplexity }]) => [
      name,
      digits(slots, 0),
      digits(perplexity, 1),
    ]),
    'In use: the perplexity of the shares in which prototypes are read.',
  );
}

function scoreTable({ score }: Inspection): string {
  if (!score) return '';
  const pairs = Object.entries(score.correlation).map(
    ([pair, value]) => `${escapeHtml(pair.replace('-', ' and '))} ${digits(value, 2)}`,
  );
  return figures(
    'Score',
    ['Share of its variance'],
    Object.entries(score.shares).map(([map, share]) => [map, digits(share, 2)]),
    pairs.length > 0 ? `Correlation: ${pairs.join(', ')}.` : '',
  );
}
