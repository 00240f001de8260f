import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { diskError, writeFileAtomically } from '../../files/atomic.ts';
import type { ShownPeak } from './clip-section.ts';
import type { ReportData } from './data.ts';
import { generatorMark } from './document.ts';
import { pageMarkup } from './page.ts';
import { pictureAddress } from './picture.ts';

/** Pictures in one page at most, the highest scores first: a page of a hundred clips stays light. */
const mostPictures = 72;

export const PAGE_NAME = 'index.html';

/**
 * Writes the report as one page without outside parts, `index.html` in `folder`, which is created.
 * An earlier report there is replaced.
 * @returns the page's path
 * @throws UserError where the folder holds anything else, is a file, or may not be written.
 */
export async function writeReport(folder: string, data: ReportData): Promise<string> {
  await checkReportFolder(folder);
  const shown = highestPeaks(data);
  const pictures: ShownPeak[][] = [];
  for (const clip of data.clips) {
    const list: ShownPeak[] = [];
    for (const peak of clip.peaks.toSorted((a, b) => a.frame - b.frame))
      if (shown.has(peak))
        list.push({ peak, address: await pictureAddress(peak, data.scoring.regionLevel) });
    pictures.push(list);
  }
  const path = join(folder, PAGE_NAME);
  await writeFileAtomically(path, pageMarkup(data, pictures));
  return path;
}

/**
 * That a report may be written there; worth asking before a long evaluation.
 * @throws UserError where the folder holds anything but an earlier report, or is a file.
 */
export async function checkReportFolder(folder: string): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw diskError(error, folder);
  }
  const path = join(folder, PAGE_NAME);
  const foreign = entries.find((entry) => entry.name !== PAGE_NAME || !entry.isFile())?.name;
  if (
    foreign !== undefined ||
    (entries.length > 0 && !(await readFile(path, 'utf8')).includes(generatorMark))
  )
    throw new UserError(
      `${folder}: holds ${foreign ?? PAGE_NAME}, which is not an m2s2l report; choose a new or empty folder`,
    );
}

function highestPeaks(data: ReportData): Set<unknown> {
  const peaks = data.clips.flatMap((clip) =>
    clip.peaks.map((peak) => ({ peak, score: clip.score[peak.frame]! })),
  );
  peaks.sort((a, b) => b.score - a.score);
  return new Set(peaks.slice(0, mostPictures).map(({ peak }) => peak));
}
