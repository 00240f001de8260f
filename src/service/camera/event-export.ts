import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { AnomalyEvent } from '../contract/event.ts';
import type { EventArchive } from './event-archive.ts';
import { eventFileName } from './file-names.ts';

const kinds = ['thumbnail', 'heatmap', 'clip'] as const;

/**
 * A ZIP of events: a folder for each kind of file and `events.csv` with a row an event. Files that
 * are gone are left out, and the row says so.
 */
export async function exportEvents(
  events: readonly AnomalyEvent[],
  archive: Pick<EventArchive, 'openFile'>,
): Promise<Readable> {
  const zip = new ZipFile();
  const names = new Set<string>();
  const rows: string[][] = [];
  for (const event of events) {
    const files: Record<string, string> = {};
    for (const kind of kinds) {
      const file = await archive.openFile(event.id, kind);
      if (!file) continue;
      const name = `${kind}s/${freeName(eventFileName(event, kind), names)}`;
      files[kind] = name;
      // Pictures and clips are compressed already.
      zip.addReadStreamLazy(name, { mtime: new Date(event.start), compress: false }, (give) =>
        give(null, file()),
      );
    }
    rows.push(rowOf(event, files));
  }
  const csv = [header, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n');
  zip.addBuffer(Buffer.from(`\ufeff${csv}\r\n`), 'events.csv');
  zip.end();
  return zip.outputStream as Readable;
}

const header = [
  'id',
  'camera',
  'camera id',
  'kind',
  'start',
  'end',
  'peak',
  'threshold',
  'cause',
  'time scale (s)',
  'regions (x y width height)',
  'verdict',
  'kept',
  'note',
  ...kinds,
];

function rowOf(event: AnomalyEvent, files: Readonly<Record<string, string>>): string[] {
  return [
    event.id,
    event.cameraName,
    event.camera,
    event.kind,
    new Date(event.start).toISOString(),
    event.end === null ? '' : new Date(event.end).toISOString(),
    event.peak.score.toFixed(3),
    event.threshold.toFixed(3),
    event.cause,
    event.timeScale === null ? '' : String(event.timeScale),
    event.regions
      .map(({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' '))
      .join('; '),
    event.verdict,
    event.kept ? 'yes' : 'no',
    event.note ?? '',
    ...kinds.map((kind) => files[kind] ?? ''),
  ];
}

/** A cell that begins as a formula would be run by a spreadsheet. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function freeName(name: string, taken: Set<string>): string {
  const [, stem, ending] = /^(.*)(\.\w+)$/.exec(name)!;
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${stem}_${n}${ending}`;
  taken.add(free);
  return free;
}
