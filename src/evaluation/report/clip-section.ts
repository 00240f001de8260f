import { rocAuc } from '../ranking.ts';
import { anomalousSpans } from '../spans.ts';
import { type Chart, chartMarkup, type Line, type Tick } from './chart.ts';
import type { ReportClip, ReportData, ReportPeak } from './data.ts';
import { brief, clock, escapeHtml, figure } from './markup.ts';

/** A peak with its picture, which is left out where the page would grow too large. */
export interface ShownPeak {
  readonly peak: ReportPeak;
  readonly address: string;
}

/** The address of a clip's section within the page. */
export function clipAnchor(position: number): string {
  return `clip-${position + 1}`;
}

/** One clip: its score over the truth, the parts of the score, and the pictures of its peaks. */
export function clipSection(
  clip: ReportClip,
  position: number,
  data: ReportData,
  shown: readonly ShownPeak[],
): string {
  const { threshold } = data.threshold;
  const frames = clip.score.length;
  const spans = anomalousSpans(clip.labels ?? [], clip.gaps);
  const auc = clip.labels === undefined ? null : rocAuc(clip.score, clip.labels);
  const scores = Array.from(clip.score);
  const above = scores.filter((score) => score > threshold).length;
  const facts = [
    `${figure(frames)} frames, ${clock(frames / clip.fps)}`,
    clip.labels === undefined
      ? 'no labels'
      : `${figure(scores.filter((_, i) => clip.labels![i] === 1).length)} anomalous`,
    ...(auc === null ? [] : [`AUC ${figure(auc, 3)}`]),
    `above the threshold on ${figure((100 * above) / frames, above > 0 ? 1 : 0)} %`,
  ];
  const [low, high] = range([...scores, 0, threshold]);
  const peak = scores.indexOf(largest(scores));
  const common = {
    width: frames,
    xTicks: timeTicks(frames, clip.fps),
    spans,
  };
  const score: Chart = {
    ...common,
    kind: 'tall',
    description: `Score of clip ${clip.name} over ${frames} frames: highest ${brief(scores[peak]!)} at frame ${peak}, threshold ${brief(threshold)}. ${spansInWords(clip.labels, spans)}`,
    lines: [line('score', clip.score)],
    low,
    high,
    level: threshold,
    marks: shown.map((s, i) => ({
      x: s.peak.frame + 0.5,
      y: clip.score[s.peak.frame]!,
      label: String(i + 1),
    })),
  };
  const [partLow, partHigh] = range([
    ...Array.from(clip.appearance),
    ...Array.from(clip.motion),
    0,
  ]);
  const parts: Chart = {
    ...common,
    kind: 'low',
    description: `Parts of that score: appearance up to ${brief(largest(Array.from(clip.appearance)))}, motion up to ${brief(largest(Array.from(clip.motion)))}.`,
    lines: [line('appearance', clip.appearance), line('motion', clip.motion)],
    low: partLow,
    high: partHigh,
  };
  return `<article id="${clipAnchor(position)}">
<h3>${escapeHtml(clip.name)}</h3>
<p class="facts">${facts.join(' · ')}</p>
${chartMarkup(score)}
${chartMarkup(parts)}
${shown.length > 0 ? `<div class="pictures">${shown.map((s, i) => pictureFigure(s, i, clip)).join('\n')}</div>` : ''}
</article>`;
}

function pictureFigure({ peak, address }: ShownPeak, position: number, clip: ReportClip): string {
  const { frame } = peak;
  const truth =
    clip.labels === undefined ? '' : clip.labels[frame] === 1 ? ', anomalous' : ', normal';
  const alternative = `Frame ${frame} of clip ${clip.name} with its heatmap`;
  return `<figure><img src="${address}" alt="${escapeHtml(alternative)}" width="${peak.source.width}" height="${peak.source.height}">
<figcaption><b>${position + 1}</b> ${clock(frame / clip.fps)}, frame ${figure(frame)}${truth}<br>score ${figure(clip.score[frame]!, 1)}: appearance ${figure(clip.appearance[frame]!, 1)}, motion ${figure(clip.motion[frame]!, 1)}</figcaption></figure>`;
}

function line(kind: string, y: ArrayLike<number>): Line {
  return { kind, x: Float64Array.from({ length: y.length }, (_, i) => i + 0.5), y };
}

function spansInWords(
  labels: ArrayLike<number> | undefined,
  spans: readonly { start: number; end: number }[],
): string {
  if (labels === undefined) return 'No labels.';
  if (spans.length === 0) return 'No frame is labelled anomalous.';
  const first = spans.slice(0, 5).map(({ start, end }) => `${start} to ${end - 1}`);
  const more = spans.length > 5 ? ` and ${spans.length - 5} more spans` : '';
  return `Labelled anomalous: frames ${first.join(', ')}${more}.`;
}

/** Lowest and highest with a little room above. */
function range(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  for (const value of values) low = Math.min(low, value);
  const high = largest(values);
  const room = 0.06 * (high - low || 1);
  return [low - room / 2, high + room];
}

function largest(values: readonly number[]): number {
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) high = Math.max(high, value);
  return high;
}

/** Steps of a time axis that people read, in seconds. */
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800];

function timeTicks(frames: number, fps: number): Tick[] {
  const seconds = frames / fps;
  const step = timeSteps.find((s) => seconds / s <= 6) ?? 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => ({
    at: i * step * fps,
    label: clock(i * step),
  }));
}
