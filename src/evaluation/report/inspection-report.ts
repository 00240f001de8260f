import { basename, join, resolve } from 'node:path';
import type { ModelDescription } from '../../detector/model-file.ts';
import { writeFileAtomically } from '../../files/atomic.ts';
import type { Inspection } from '../../inspection/inspection.ts';
import type { InspectedPicture } from '../../inspection/pictures.ts';
import { directions, kindColour, leaders, pictureOf, prototypesRead } from './cell-maps.ts';
import { documentMarkup } from './document.ts';
import { innerSection } from './inner-section.ts';
import { escapeHtml, figure } from './markup.ts';
import { checkReportFolder, PAGE_NAME } from './report.ts';

export interface InspectionReport {
  readonly model: string;
  readonly dataset: string;
  readonly heldOut: boolean;
  readonly description: ModelDescription;
  readonly inspection: Inspection;
  readonly pictures: readonly InspectedPicture[];
}

/**
 * Writes what an inspection found as one page without outside parts, `index.html` in `folder`.
 * @returns the page's path
 * @throws UserError where the folder holds anything but an earlier report, or may not be written.
 */
export async function writeInspectionReport(
  folder: string,
  report: InspectionReport,
): Promise<string> {
  await checkReportFolder(folder);
  const path = join(folder, PAGE_NAME);
  const { inspection, dataset, heldOut, description } = report;
  const name = basename(resolve(report.model));
  const sections: string[] = [];
  for (const [i, picture] of report.pictures.entries())
    sections.push(await pictureSection(i, picture, description));
  const which = heldOut ? ' that were held out when it was trained' : '';
  const note = `Means over ${inspection.frames} frames of ${dataset}${which}; where something moves: in cells whose pixels change by more than 2 % of their range.`;
  const page = documentMarkup({
    title: `Inside ${name}`,
    kicker: 'm2s2l report',
    heading: `Inside ${escapeHtml(name)} <span>on</span> ${escapeHtml(dataset)}`,
    lead: `${figure(inspection.frames)} frames of normal footage${escapeHtml(which)}. Model: ${escapeHtml(description.preset)}, ${escapeHtml(description.configuration.task)}.`,
    main: `${innerSection(inspection, note)}
${sections.length > 0 ? `<section><h2>Frames</h2>${legends(description)}${sections.join('\n')}</section>` : ''}`,
  });
  await writeFileAtomically(path, page);
  return path;
}

function legends({ configuration: c }: ModelDescription): string {
  const keys = (what: string, names: readonly string[]) =>
    names.length < 2
      ? ''
      : `<ul class="legend"><li>${what}</li>${names
          .map(
            (name, i) =>
              `<li><i class="key heat" style="background:${kindColour(i)}"></i>${name}</li>`,
          )
          .join('')}</ul>`;
  return `${keys(
    'Time scales:',
    c.temporal.strides.map((stride) => `stride ${stride}`),
  )}
${keys(
  'Granularities:',
  c.spatial.scales.map(({ patch }) => `patch ${patch}`),
)}
<p class="note">A cell has the colour of the scale with the largest weight, the paler the closer the weights are to even ones. Parts are shown along the three directions in which each varies most, as red, green and blue: cells of one colour are the same to it, grey is its mean. Of the memories, cells of one colour read the same prototype most; white reads none.</p>`;
}

async function pictureSection(
  position: number,
  picture: InspectedPicture,
  { configuration: c }: ModelDescription,
): Promise<string> {
  const { grid, time, granularity } = picture;
  const shown: [name: string, address: string][] = [
    ['Frame', await pictureOf(picture.frame, c.input)],
  ];
  if (picture.drawnFrame)
    shown.push(['Frame, drawn', await pictureOf(picture.drawnFrame, c.input)]);
  shown.push(['Difference', await pictureOf(picture.difference, c.input, 0.5)]);
  if (picture.drawnDifference)
    shown.push(['Difference, drawn', await pictureOf(picture.drawnDifference, c.input, 0.5)]);
  if (time)
    shown.push(['Leading time scale', await leaders(time, c.temporal.strides.length, grid)]);
  if (granularity)
    shown.push(['Leading granularity', await leaders(granularity, c.spatial.scales.length, grid)]);
  for (const [name, part] of Object.entries(picture.parts))
    shown.push([`Part: ${name}`, await directions(part, grid)]);
  for (const [name, slots] of Object.entries(picture.prototypes))
    shown.push([
      `Memory: ${name}, ${new Set(slots).size} prototypes lead`,
      await prototypesRead(slots, grid),
    ]);
  const figures = shown.map(
    ([name, address]) =>
      `<figure><img src="${address}" alt="${escapeHtml(name)}" width="${c.input.width}" height="${c.input.height}"><figcaption>${escapeHtml(name)}</figcaption></figure>`,
  );
  return `<article><h3>Frame ${position + 1}</h3><div class="pictures">${figures.join('\n')}</div></article>`;
}
