import type { AnomalyEvent, EventFilter } from '../../../src/service/contract/event.ts';

/** What the list of events is narrowed to. Times in ms since 1970. */
export type EventQuery = Omit<EventFilter, 'cursor' | 'limit'>;

const KINDS = ['alarm', 'near miss'] as const;
const VERDICTS = ['open', 'real', 'normal'] as const;
const CAUSES = ['appearance', 'motion'] as const;

const oneOf = <T extends string>(all: readonly T[], value: string | null): T | undefined =>
  all.find((one) => one === value);

const time = (value: string | null): number | undefined => {
  const at = value ? Number(value) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
};

/** Reads an address's query; what it does not know is left out. */
export function readQuery(search: string): EventQuery {
  const asked = new URLSearchParams(search);
  return withoutGaps({
    camera: asked.get('camera') || undefined,
    kind: oneOf(KINDS, asked.get('kind')),
    verdict: oneOf(VERDICTS, asked.get('verdict')),
    cause: oneOf(CAUSES, asked.get('cause')),
    zone: asked.get('zone') || undefined,
    from: time(asked.get('from')),
    to: time(asked.get('to')),
  });
}

/** `?camera=…`, or nothing where all events are meant. */
export function writeQuery(query: EventQuery): string {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) asked.set(key, String(value));
  }
  return asked.size ? `?${asked}` : '';
}

const withoutGaps = (query: EventQuery): EventQuery =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));

/** Whether an event that was told live belongs to the list. */
export const matches = (event: AnomalyEvent, query: EventQuery): boolean =>
  (query.camera === undefined || query.camera.split(',').includes(event.camera)) &&
  (query.zone === undefined || query.zone === event.zone) &&
  (query.kind === undefined || query.kind === event.kind) &&
  (query.verdict === undefined || query.verdict === event.verdict) &&
  (query.cause === undefined || query.cause === event.cause) &&
  (query.from === undefined || event.start >= query.from) &&
  (query.to === undefined || event.start < query.to);
