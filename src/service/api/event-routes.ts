import { z } from 'zod';
import { eventFileName } from '../camera/file-names.ts';
import { anomalyEvent, eventChange, eventFilter, eventPage } from '../contract/event.ts';
import { sendStored } from './files.ts';
import { bytes, found, id, json, nothing, type Route, route } from './route.ts';

const params = z.object({ event: id });

const file = (kind: 'thumbnail' | 'heatmap' | 'clip', media: string, summary: string): Route =>
  route({
    method: 'GET',
    path: `/api/events/:event/${kind}`,
    role: 'viewer',
    summary,
    params,
    answer: bytes(media),
    query: z.object({
      download: z.stringbool().default(false).describe('Saved under a telling name'),
    }),
    handler: ({ events, reply, params: { event }, query: { download } }) =>
      sendStored(
        reply,
        events.file(event, kind),
        download ? eventFileName(found(events.get(event), 'event'), kind) : undefined,
      ),
  });

export const eventRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/events',
    role: 'viewer',
    summary: 'Events, the latest first, a page at a time',
    query: eventFilter,
    answer: json(eventPage),
    handler: ({ events, query, seen }) => events.page({ ...query, seen }),
  }),
  route({
    method: 'GET',
    path: '/api/events/:event',
    role: 'viewer',
    summary: 'One event',
    params,
    answer: json(anomalyEvent),
    handler: ({ events, params: { event } }) => found(events.get(event), 'event'),
  }),
  route({
    method: 'PATCH',
    path: '/api/events/:event',
    role: 'operator',
    summary: 'Say whether an event is real or normal, keep it, or write a note',
    params,
    body: eventChange,
    answer: json(anomalyEvent),
    handler: ({ events, inbox, record, params: { event }, body: { verdict, ...marks } }) => {
      const judged = verdict === undefined ? events.get(event) : events.judge(event, verdict);
      const { camera } = found(judged, 'event');
      if (verdict !== undefined) record({ camera, deed: 'Judged an event', detail: verdict });
      if (marks.kept !== undefined)
        record({
          camera,
          deed: marks.kept ? 'Kept an event' : 'Keeps an event no longer',
          detail: null,
        });
      if (marks.note !== undefined) record({ camera, deed: 'Wrote a note', detail: null });
      return Object.keys(marks).length === 0 ? judged : inbox.mark(event, marks);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/events/:event',
    role: 'admin',
    summary: 'Remove an event with its files',
    params,
    answer: nothing,
    handler: ({ events, params: { event } }) => {
      found(events.remove(event) || undefined, 'event');
    },
  }),
  file('thumbnail', 'image/jpeg', 'The picture of its peak'),
  file('heatmap', 'image/png', 'What stands out in it, to be laid over the thumbnail'),
  file('clip', 'video/mp4', 'From some seconds before it to some after it; by ranges, too'),
];
