import { z } from 'zod';
import { exportEvents } from '../camera/event-export.ts';
import { eventFilter } from '../contract/event.ts';
import { newSharedLink, sharedEvent, sharedLink } from '../contract/link.ts';
import { sendStored } from './files.ts';
import { bytes, found, id, json, nothing, type Route, route } from './route.ts';

const HOUR = 3_600_000;

/** Events of one export: the whole of it is read while others wait for the disk. */
const MOST_EXPORTED = 500;

const params = z.object({ event: id });
const linkParams = z.object({ link: z.string().regex(/^[\w-]{43}$/, 'is no link') });

const exported = eventFilter
  .omit({ cursor: true, limit: true })
  .extend({
    ids: z
      .string()
      .regex(/^[a-z0-9-]{1,64}(,[a-z0-9-]{1,64})*$/, 'must be ids with commas between them')
      .transform((text) => text.split(','))
      .refine((ids) => ids.length <= MOST_EXPORTED, `must be ${MOST_EXPORTED} ids at most`)
      .optional()
      .describe('Ids of events, instead of a filter'),
  })
  .describe('Ids, or a filter as of the list');

const sharedFile = (kind: 'thumbnail' | 'heatmap' | 'clip', media: string): Route =>
  route({
    method: 'GET',
    path: `/api/shared/:link/${kind}`,
    role: 'public',
    summary: `The ${kind} of an event that a link shows`,
    params: linkParams,
    answer: bytes(media),
    handler: ({ events, links, reply, params: { link } }) => {
      const { event } = found(links.find(link, 'share'), 'link (any more)');
      return sendStored(reply, events.file(event!, kind));
    },
  });

export const sharingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/export',
    role: 'viewer',
    summary: 'Events with their files as a ZIP, and a table of them as CSV',
    query: exported,
    answer: bytes('application/zip'),
    handler: async ({ events, reply, sees, seen: cameras, query: { ids, ...filter } }) => {
      const wanted = ids
        ? ids.flatMap((one) => events.get(one) ?? [])
        : events.page({ ...filter, limit: MOST_EXPORTED, seen: cameras }).events;
      const seen = wanted.filter(({ camera }) => sees(camera));
      found(seen[0], 'event');
      const day = new Date().toISOString().slice(0, 10);
      reply
        .type('application/zip')
        .header(
          'content-disposition',
          `attachment; filename="m2s2l_${day}_${seen.length}-events.zip"`,
        );
      return reply.send(await exportEvents(seen, events));
    },
  }),
  route({
    method: 'GET',
    path: '/api/events/:event/links',
    role: 'operator',
    summary: 'Links that show this event',
    params,
    answer: json(z.array(sharedLink)),
    handler: ({ events, links, params: { event } }) => {
      found(events.get(event), 'event');
      return links
        .ofEvent(event, 'share')
        .filter(({ subject }) => subject === null)
        .map(({ id: link, created, expires }) => ({ id: link, created, expires }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/events/:event/links',
    role: 'operator',
    summary: 'Make a link that shows this event to people without a token',
    params,
    body: z.strictObject({
      hours: z
        .number()
        .min(1)
        .max(90 * 24),
    }),
    answer: json(newSharedLink, 201),
    handler: ({ events, links, publicAddress, params: { event }, body: { hours } }) => {
      found(events.get(event), 'event');
      const { secret, link } = links.make('share', null, hours * HOUR, event);
      const path = `/shared/${secret}`;
      const address = publicAddress();
      const { id: of, created, expires } = link;
      return { id: of, created, expires, path, url: address ? address + path.slice(1) : null };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/events/:event/links/:shared',
    role: 'operator',
    summary: 'Take a link back',
    params: z.object({ event: id, shared: id }),
    answer: nothing,
    handler: ({ links, params: { event, shared } }) => {
      const own = links.ofEvent(event, 'share').some((link) => link.id === shared);
      found((own && links.remove(shared)) || undefined, 'link');
    },
  }),
  route({
    method: 'GET',
    path: '/api/shared/:link',
    role: 'public',
    summary: 'The event that a link shows',
    params: linkParams,
    answer: json(sharedEvent),
    handler: ({ events, links, params: { link } }) => {
      const { event, expires } = found(links.find(link, 'share'), 'link (any more)');
      const shown = sharedEvent.omit({ expires: true }).parse(found(events.get(event!), 'event'));
      return { ...shown, expires };
    },
  }),
  sharedFile('thumbnail', 'image/jpeg'),
  sharedFile('heatmap', 'image/png'),
  sharedFile('clip', 'video/mp4'),
];
