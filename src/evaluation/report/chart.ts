import type { Span } from '../spans.ts';
import { brief, escapeHtml } from './markup.ts';

/** A line of a chart; x runs as the chart's does. */
export interface Line {
  /** CSS class that colours it. */
  readonly kind: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** A value that is written at an axis. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Chart {
  /** The same in words, for those who do not see it. */
  readonly description: string;
  readonly kind: 'tall' | 'low';
  readonly lines: readonly Line[];
  readonly width: number;
  readonly low: number;
  readonly high: number;
  /** {@link ticks} where absent. */
  readonly yTicks?: readonly Tick[];
  readonly xTicks: readonly Tick[];
  readonly spans?: readonly Span[];
  readonly level?: number;
  /** Numbered points. */
  readonly marks?: readonly { readonly x: number; readonly y: number; readonly label: string }[];
}

/** More columns than these no screen shows; each keeps its lowest and highest value. */
const columns = 600;
/** Units of the drawing, which is stretched to its place: strokes and text are not. */
const view = { width: 1000, height: 200 } as const;

/** An inline SVG with its axes in HTML, so that it can be as narrow as a phone. */
export function chartMarkup(chart: Chart): string {
  const range = chart.high - chart.low || 1;
  const x = (value: number) => (view.width * value) / (chart.width || 1);
  const y = (value: number) => view.height * (1 - (value - chart.low) / range);
  const percent = (part: number, whole: number) => `${round((100 * part) / whole)}%`;
  const yTicks =
    chart.yTicks ?? ticks(chart.low, chart.high).map((at) => ({ at, label: brief(at) }));
  const shapes = [
    ...(chart.spans ?? []).map(
      ({ start, end }) =>
        `<rect class="truth" x="${round(x(start))}" y="0" width="${round(x(end) - x(start))}" height="${view.height}"/>`,
    ),
    ...yTicks.map(({ at }) => `<path class="grid" d="M0 ${round(y(at))}H${view.width}"/>`),
    ...(chart.level === undefined
      ? []
      : [`<path class="level" d="M0 ${round(y(chart.level))}H${view.width}"/>`]),
    ...chart.lines.map(
      (line) => `<path class="line ${line.kind}" d="${linePath(line, x, y, chart.width)}"/>`,
    ),
  ];
  const yLabels = yTicks.map(
    ({ at, label }) =>
      `<span style="top:${percent(y(at), view.height)}">${escapeHtml(label)}</span>`,
  );
  const marks = (chart.marks ?? []).map(
    (mark) =>
      `<b style="left:${percent(x(mark.x), view.width)};top:${percent(y(mark.y), view.height)}">${escapeHtml(mark.label)}</b>`,
  );
  const xLabels = chart.xTicks.map(({ at, label }) => {
    // A label at the very end would stick out.
    const end = at > 0.95 * chart.width ? ' class="end"' : '';
    return `<span${end} style="left:${percent(x(at), view.width)}">${escapeHtml(label)}</span>`;
  });
  return `<div class="chart ${chart.kind}">
<div class="y" aria-hidden="true">${yLabels.join('')}</div>
<div class="area"><svg role="img" aria-label="${escapeHtml(chart.description)}" viewBox="0 0 ${view.width} ${view.height}" preserveAspectRatio="none">${shapes.join('')}</svg><div class="marks" aria-hidden="true">${marks.join('')}</div></div>
<div class="x" aria-hidden="true">${xLabels.join('')}</div>
</div>`;
}

function linePath(
  line: Line,
  x: (value: number) => number,
  y: (value: number) => number,
  width: number,
): string {
  const points: string[] = [];
  for (const i of shownSamples(line, width))
    points.push(`${round(x(line.x[i]!))} ${round(y(line.y[i]!))}`);
  return points.length > 0 ? `M${points.join('L')}` : '';
}

/** All samples, or where they are many the lowest and the highest of each column, in their order. */
export function shownSamples(line: Pick<Line, 'x' | 'y'>, width: number): number[] {
  const length = line.y.length;
  if (length <= 2 * columns) return Array.from({ length }, (_, i) => i);
  const shown: number[] = [];
  for (let start = 0; start < length; ) {
    const column = Math.floor((columns * line.x[start]!) / width);
    let [lowest, highest] = [start, start];
    let i = start;
    for (; i < length && Math.floor((columns * line.x[i]!) / width) === column; i++) {
      if (line.y[i]! < line.y[lowest]!) lowest = i;
      if (line.y[i]! > line.y[highest]!) highest = i;
    }
    shown.push(Math.min(lowest, highest));
    if (lowest !== highest) shown.push(Math.max(lowest, highest));
    start = i;
  }
  return shown;
}

/** Three to six round values within a range. */
export function ticks(low: number, high: number): number[] {
  const step = roundStep((high - low) / 4);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** The 1, 2 or 5 times a power of ten that is next above. */
function roundStep(step: number): number {
  if (!(step > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
