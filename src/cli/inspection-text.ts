import type { Inspection } from '../inspection/inspection.ts';
import { remarks } from '../inspection/remarks.ts';
import type { ModelInspection } from '../training/inspect.ts';
import { figure, plural, table } from './text.ts';

/** What `inspect` prints. */
export function inspectionText(
  model: string,
  { inspection, heldOut, dataset }: ModelInspection,
): string {
  const which = heldOut ? ', held out when it was trained' : '';
  const found = remarks(inspection);
  const sections = [
    `${model} on ${plural(inspection.frames, 'frame')} of ${dataset}${which}`,
    ...timeText(inspection),
    ...granularityText(inspection),
    ...partsText(inspection),
    ...memoriesText(inspection),
    ...scoreText(inspection),
    found.length === 0
      ? 'nothing to remark'
      : `to remark:\n${found.map((remark) => `  - ${remark}`).join('\n')}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function timeText({ time }: Inspection): string[] {
  if (!time) return [];
  const rows = time.scales.map(({ stride, weight, onMoving }) => [
    `stride ${stride}`,
    figure(weight, 3),
    figure(onMoving, 3),
  ]);
  return [
    `${table([['time scales', 'weight', 'where something moves'], ...rows])}
  entropy ${figure(time.entropy, 3)} where something moves: 1 is even weights, 0 one scale alone`,
  ];
}

function granularityText({ granularity }: Inspection): string[] {
  if (!granularity) return [];
  const rows = granularity.scales.map(({ patch, weight, deviation }) => [
    `patch ${patch}`,
    figure(weight, 3),
    figure(deviation, 3),
  ]);
  return [
    `${table([['granularities', 'weight', 'deviation'], ...rows])}
  deviation over cells and frames: 0 is a constant, not a choice`,
  ];
}

function partsText({ parts }: Inspection): string[] {
  if (!parts) return [];
  const { ablation, cka } = parts;
  const rows = Object.entries(ablation).map(([part, { frame, difference }]) => [
    part,
    times(frame),
    times(difference),
  ]);
  return [
    `${table([['parts', "frame's error without", "difference's error without"], ...rows])}
  times the error with the part: 1 is a part of no use
  alike, 0 to 1: common and appearance ${figure(cka.commonAppearance, 2)}, common and motion ${figure(cka.commonMotion, 2)}, appearance and motion ${figure(cka.appearanceMotion, 2)}
  together ${figure(parts.overlap, 2)}; ${figure(parts.overlapAtStart, 2)} when its training began`,
  ];
}

const times = (ratio: number | null | undefined): string =>
  ratio === undefined ? '–' : figure(ratio, 2);

function memoriesText({ memories }: Inspection): string[] {
  if (!memories) return [];
  const rows = Object.entries(memories).map(([name, { slots, perplexity }]) => [
    name,
    figure(slots),
    figure(perplexity, 1),
  ]);
  return [`${table([['memories', 'prototypes', 'in use'], ...rows])}`];
}

function scoreText({ score }: Inspection): string[] {
  if (!score) return [];
  const rows = Object.entries(score.shares).map(([map, share]) => [map, figure(share, 2)]);
  const pairs = Object.entries(score.correlation).map(
    ([pair, value]) => `${pair.replace('-', ' and ')} ${figure(value, 2)}`,
  );
  return [
    `${table([['score', 'share of its variance'], ...rows])}
  correlation: ${pairs.length > 0 ? pairs.join(', ') : '–'}`,
  ];
}
