import { heatColour } from '../../scoring/colormap.ts';
import type { Combination } from '../../scoring/combination.ts';
import type { Operations } from '../operations.ts';
import { type ProtocolFigures, paperKernel } from '../protocols.ts';
import { clipAnchor, clipSection, type ShownPeak } from './clip-section.ts';
import type { ReportData } from './data.ts';
import { documentMarkup } from './document.ts';
import { innerSection } from './inner-section.ts';
import { lossSection } from './loss-section.ts';
import { brief, escapeHtml, figure } from './markup.ts';

/** The whole page. `pictures` holds, for each clip, the peaks that are shown. */
export function pageMarkup(data: ReportData, pictures: readonly (readonly ShownPeak[])[]): string {
  const title = `${data.model.name} on ${data.dataset.name}`;
  const { frames, anomalousFrames } = data.dataset;
  const truth =
    anomalousFrames === null ? 'not labelled' : `${figure(anomalousFrames)} labelled anomalous`;
  return documentMarkup({
    title,
    kicker: 'm2s2l report',
    heading: `${escapeHtml(data.model.name)} <span>on</span> ${escapeHtml(data.dataset.name)}`,
    lead: `${plural(data.clips.length, 'clip')}, ${figure(frames)} frames, ${truth}. Model: ${escapeHtml(data.model.preset)}, ${figure(data.model.parameters)} parameters.`,
    writtenBy: data.version,
    main: `${headline(data)}
<section class="columns">
${protocolTable(data)}
${localisationTable(data)}
${operationsTable(data)}
</section>
${clipSections(data, pictures)}
${innerSection(data.inner, 'What the parts of the model did at the end of its training, on some of the footage that was held out.')}
${lossSection(data.losses)}
${method(data)}`,
  });
}

function headline(data: ReportData): string {
  const { live, paper } = data.protocols;
  const { alarmsPerHour, events, eventsFound } = data.operations;
  const tiles: [string, string, string][] = [
    ['Live AUC', figure(live.microAuc, 3), 'all frames in one ranking, as a camera gets the score'],
    [
      'Paper AUC',
      figure(paper.microAuc, 3),
      "the paper's parts alone, min-max and smoothing of published tables",
    ],
    [
      'Events found',
      eventsFound === null
        ? figure(null)
        : `${figure(eventsFound)}<small> of ${figure(events)}</small>`,
      'with a score above the threshold',
    ],
    ['False alarms', figure(alarmsPerHour, 1), measuredOn(data.operations)],
    ['Speed', figure(data.framesPerSecond), 'frames a second'],
  ];
  const items = tiles.map(
    ([name, value, what]) =>
      `<div><dt>${name}</dt><dd><b>${value}</b><span>${what}</span></dd></div>`,
  );
  return `<section aria-label="Headline figures"><dl class="tiles">${items.join('\n')}</dl></section>`;
}

/** What a rate of false alarms was measured on, and what it may be. */
function measuredOn({ normalHours, alarmsPerHourBound: bound }: Operations): string {
  if (normalHours === null || bound === null) return 'an hour of normal frames';
  return `an hour, on ${span(normalHours)} of normal frames; at most ${figure(bound, bound < 10 ? 1 : 0)} (95 %)`;
}

/** Hours in the unit that shows them in few digits. */
function span(hours: number): string {
  if (hours >= 1) return `${brief(hours)} h`;
  return hours >= 1 / 60 ? `${brief(60 * hours)} minutes` : `${brief(3600 * hours)} seconds`;
}

function protocolTable(data: ReportData): string {
  const row = (name: string, what: string, f: ProtocolFigures) =>
    `<tr><th scope="row">${name}<small>${what}</small></th><td>${figure(f.microAuc, 3)}</td><td>${figure(f.macroAuc, 3)}</td><td>${figure(f.averagePrecision, 3)}</td><td>${figure(f.eer, 3)}</td></tr>`;
  const { live, raw, paper, paperPace, paperWholeSet } = data.protocols;
  const { frames, liveWithout } = data.warmUp;
  return `<div class="wide"><h2>Frames</h2>
<table><thead><tr><th scope="col">Protocol</th><th scope="col">Micro AUC</th><th scope="col">Macro AUC</th><th scope="col">Average precision</th><th scope="col">EER</th></tr></thead>
<tbody>
${row('live', 'no normalisation, causal smoothing', live)}
${row('live, without warm-up', `the same without the ${figure(frames)} frames before the first score of a clip`, liveWithout)}
${row('raw', 'no normalisation, no smoothing', raw)}
${row('paper', "the paper's parts alone, min-max in each clip, centred Gaussian", paper)}
${row('paper+pace', 'the same with the pace head in the motion error', paperPace)}
${row('paper, whole set', '“paper” without the min-max in each clip', paperWholeSet)}
</tbody></table></div>`;
}

function localisationTable(data: ReportData): string {
  const { pixelAuc, rbdc, tbdc } = data.localisation;
  return `<div><h2>Places</h2>
${pairs([
  ['Pixel AUC', figure(pixelAuc, 3)],
  ['RBDC <small>regions</small>', figure(rbdc, 3)],
  ['TBDC <small>tracks</small>', figure(tbdc, 3)],
])}</div>`;
}

function operationsTable(data: ReportData): string {
  const { threshold, alarmsPerHour, events, eventsFound, medianDelayFrames } = data.operations;
  const { falseAlarms, normalHours, alarmsPerHourBound } = data.operations;
  return `<div><h2>Alarms</h2>
${pairs([
  ['Threshold', figure(threshold, 2)],
  ['Budget <small>alarms an hour</small>', brief(data.threshold.budgetPerHour)],
  [
    'On normal frames <small>alarms</small>',
    falseAlarms === null || normalHours === null
      ? figure(null)
      : `${figure(falseAlarms)} in ${span(normalHours)}`,
  ],
  ['… an hour', figure(alarmsPerHour, 1)],
  ['… at most, with 95 % confidence', figure(alarmsPerHourBound, 1)],
  [
    'Events found',
    eventsFound === null ? figure(null) : `${figure(eventsFound)} of ${figure(events)}`,
  ],
  ['Median delay <small>frames</small>', figure(medianDelayFrames, 1)],
  ...data.operations.keptBudgets.map((kept): [string, string] => [
    `Events found <small>at ${figure(kept.alarmsPerHour)} false alarm${kept.alarmsPerHour === 1 ? '' : 's'} an hour, kept on this footage</small>`,
    `${figure(kept.eventsFound)} of ${figure(kept.events)}`,
  ]),
])}</div>`;
}

function clipSections(data: ReportData, pictures: readonly (readonly ShownPeak[])[]): string {
  const links = data.clips.map(
    (clip, i) => `<a href="#${clipAnchor(i)}">${escapeHtml(clip.name)}</a>`,
  );
  const left = data.clips.reduce((sum, { peaks }) => sum + peaks.length, 0);
  const shown = pictures.reduce((sum, { length }) => sum + length, 0);
  const heats = Array.from({ length: 9 }, (_, i) => `rgb(${heatColour(i / 8).join(' ')})`);
  const { regionLevel } = data.scoring;
  return `<section><h2>Clips</h2>
<ul class="legend">
<li><i class="key score"></i>score</li>
<li><i class="key level"></i>threshold</li>
<li><i class="key truth"></i>labelled anomalous</li>
<li><i class="key appearance"></i>appearance</li>
<li><i class="key motion"></i>motion</li>
<li><i class="key heat" style="background:linear-gradient(90deg,${heats.join(',')})"></i>heatmap, local rarity from ${brief(regionLevel / 2)} to ${brief(2 * regionLevel)}</li>
</ul>
<p class="note">Scores are rarities: how unlikely so large an error is on held-out normal footage, about 0 on average; the lower chart splits each score into its two parts. Numbers mark the frames shown below${shown < left ? ` (the ${shown} highest of ${left} peaks)` : ''}.</p>
${links.length > 5 ? `<nav aria-label="Clips">${links.join(' ')}</nav>` : ''}
${data.clips.map((clip, i) => clipSection(clip, i, data, pictures[i] ?? [])).join('\n')}
</section>`;
}

const together = {
  sum: 'appearance + motion',
  largest: 'the larger of appearance and motion',
} as const satisfies Record<Combination, string>;

function method(data: ReportData): string {
  const { threshold: t, scoring, model } = data;
  const { sigma, radius } = paperKernel;
  return `<section><h2>How it was scored</h2>
${pairs([
  [
    'Model',
    `${escapeHtml(model.preset)}, task ${escapeHtml(model.task)}, input ${model.input.width}×${model.input.height} ${model.input.channels === 1 ? 'gray' : 'RGB'}`,
  ],
  ['Training seed', String(model.seed)],
  ['Labels', data.dataset.labelSource === null ? 'none' : escapeHtml(data.dataset.labelSource)],
  [
    'Score',
    `rarity of the worst blocks of ${scoring.blockSizes.join(' and ')} cells among held-out normal frames, -ln P - 1; ${together[scoring.combination]}`,
  ],
  ['Smoothing, live', `mean of the last ${scoring.window} frames`],
  [
    'Smoothing, paper',
    `Gaussian over ${2 * radius + 1} frames around each, σ = ${sigma}, weights renormalised at the ends; after min-max in each clip`,
  ],
  ['Warm-up frames', 'take the first computed score; every frame counts'],
  [
    'Threshold',
    `${figure(t.threshold, 2)} for a budget of ${brief(t.budgetPerHour)} an hour: ${t.episodes} episodes above ${figure(t.level, 2)} in ${brief(t.heldOutHours * 60)} minutes of held-out normal footage, exponential tail, bounds on rate and mean excess at ${brief(100 * t.confidence)} % each; ${brief(t.expectedAlarmsPerHour)} an hour expected by the estimates alone`,
  ],
  [
    'Places',
    'pixels take the value of their cell; true regions are connected parts of the masks, tracks their overlaps from frame to frame; RBDC and TBDC after Ramachandra and Jones (WACV 2020)',
  ],
  ['Choice', 'no weight, threshold or setting was chosen by these labels'],
])}</section>`;
}

function pairs(rows: readonly (readonly [name: string, value: string])[]): string {
  const body = rows.map(
    ([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  );
  return `<table class="pairs"><tbody>${body.join('\n')}</tbody></table>`;
}

function plural(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;
}
