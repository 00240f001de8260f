import { join } from 'node:path';
import { documentMarkup } from '../evaluation/report/document.ts';
import { brief, clock, escapeHtml, figure } from '../evaluation/report/markup.ts';
import { checkReportFolder } from '../evaluation/report/report.ts';
import { writeFileAtomically } from '../files/atomic.ts';
import type { DrillFigures, Rehearsal } from './figures.ts';

/**
 * Writes a rehearsal as one page without outside parts, `index.html` in `folder`, which is created.
 * @throws UserError where the folder holds anything but an earlier report, or may not be written.
 */
export async function writeRehearsal(folder: string, rehearsal: Rehearsal): Promise<void> {
  await checkReportFolder(folder);
  await writeFileAtomically(join(folder, 'index.html'), page(rehearsal));
}

function page(rehearsal: Rehearsal): string {
  const { model, hours, budgetPerDay } = rehearsal;
  return documentMarkup({
    title: `${model} rehearsed`,
    kicker: 'm2s2l rehearsal',
    heading: `${escapeHtml(model)} <span>over</span> ${figure(hours, 1)} hours`,
    lead: `Budget: ${brief(budgetPerDay)} alarms a day.`,
    main: `${tiles(rehearsal)}
${rehearsal.budgets ? budgetTable(rehearsal.budgets) : ''}
<section class="columns">
${keeping(rehearsal)}
${rehearsal.drill ? drillTable(rehearsal.drill) : ''}
</section>
${alarmList(rehearsal)}`,
  });
}

function tiles({ alarms, alarmsPerDay, worstDay, guarantee, drill }: Rehearsal): string {
  const shown: [string, string, string][] = [
    ['Alarms a day', figure(alarmsPerDay, 1), `${figure(alarms)} in all`],
    ['Worst day', figure(worstDay), 'most alarms within 24 hours'],
    ['Guarantee', figure(guarantee, 1), 'the most there could have been in this time'],
  ];
  if (drill)
    shown.push([
      'Drill',
      `${figure(drill.found)}<small> of ${figure(drill.inserted)}</small>`,
      'odd things noticed',
    ]);
  const items = shown.map(
    ([name, value, what]) =>
      `<div><dt>${name}</dt><dd><b>${value}</b><span>${what}</span></dd></div>`,
  );
  return `<section aria-label="Headline figures"><dl class="tiles">${items.join('\n')}</dl></section>`;
}

/** One row a budget; the rest of the page is about the first. */
function budgetTable(budgets: readonly Rehearsal[]): string {
  const heads = [
    'A day',
    'Alarms',
    'Alarms a day',
    'Later',
    'Worst day',
    'Worst hour',
    'Median threshold',
  ];
  const rows = budgets.map((of) =>
    [
      figure(of.alarms),
      figure(of.alarmsPerDay, 1),
      figure(of.alarmsPerDayLater, 1),
      figure(of.worstDay),
      figure(of.worstHour),
      figure(of.threshold.median, 2),
    ]
      .map((value) => `<td>${value}</td>`)
      .join(''),
  );
  return `<section class="wide"><h2>Budgets</h2>
<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row, i) => `<tr><th scope="row">${brief(budgets[i]!.budgetPerDay)}</th>${row}</tr>`).join('\n')}</tbody></table></section>`;
}

function keeping(rehearsal: Rehearsal): string {
  const { threshold, shadow, withheld, hoursOverBudget, guaranteeConstant } = rehearsal;
  const { worstHour, alarmsPerDayLater } = rehearsal;
  return `<div><h2>Budget</h2>
${pairs([
  [
    'Threshold <small>first, median, last</small>',
    [threshold.first, threshold.median, threshold.last].map((value) => figure(value, 2)).join(', '),
  ],
  ['Least and most', [threshold.least, threshold.most].map((value) => figure(value, 2)).join(', ')],
  ['Hours over the budget', figure(hoursOverBudget)],
  ['Most alarms in an hour', figure(worstHour)],
  ['Alarms a day after the first', figure(alarmsPerDayLater, 1)],
  ['Guarantee <small>beyond budget times time</small>', figure(guaranteeConstant, 1)],
  ['Withheld <small>with the budget used up</small>', figure(withheld)],
  [
    'Shadow <small>hours with too little footage for the budget</small>',
    `${figure(shadow.hours, 1)}, ${figure(shadow.alarms)} alarms`,
  ],
])}</div>`;
}

function drillTable({ kinds, medianDelaySeconds, blockDifference }: DrillFigures): string {
  const rows = Object.entries(kinds).map(([kind, of]): [string, string] => [
    escapeHtml(kind),
    `${figure(of.found)} of ${figure(of.inserted)}`,
  ]);
  return `<div><h2>Drill</h2>
${pairs([
  ...rows,
  ['Median delay <small>seconds</small>', figure(medianDelaySeconds, 1)],
  ['A block difference with as many alarms', figure(blockDifference.found)],
])}</div>`;
}

function alarmList({ peaks }: Rehearsal): string {
  if (peaks.length === 0) return '<section><h2>Alarms</h2><p>None.</p></section>';
  const rows = peaks.map(
    ({ time, score, file }) =>
      `<tr><th scope="row">${escapeHtml(file)}</th><td>${clock(time)}</td><td>${figure(score, 1)}</td></tr>`,
  );
  return `<section class="wide"><h2>Alarms</h2>
<table><thead><tr><th scope="col">File</th><th scope="col">Peak at</th><th scope="col">Score</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></section>`;
}

function pairs(rows: readonly (readonly [name: string, value: string])[]): string {
  const body = rows.map(
    ([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  );
  return `<table class="pairs"><tbody>${body.join('\n')}</tbody></table>`;
}
