import { z } from 'zod';
import {
  dayCounts,
  dayFilter,
  inbox,
  inboxFilter,
  verdictAnswer,
  verdictOrder,
} from '../contract/inbox.ts';
import { json, type Route, route } from './route.ts';

export const inboxRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/inbox',
    role: 'viewer',
    summary: 'Events that nobody has judged, with repeats folded',
    query: inboxFilter,
    answer: json(inbox),
    handler: ({ inbox: events, query, seen }) => events.open(query, seen),
  }),
  route({
    method: 'POST',
    path: '/api/inbox/verdicts',
    role: 'operator',
    summary: 'Judge many events at once, or all that are like them',
    body: verdictOrder,
    answer: json(verdictAnswer),
    handler: ({ inbox: events, body, sees, record }) => {
      const answer = events.judge(body, sees);
      for (const { id, camera, verdict } of answer.events)
        record({ event: id, camera, deed: 'Judged an event', detail: verdict });
      return answer;
    },
  }),
  route({
    method: 'GET',
    path: '/api/calendar',
    role: 'viewer',
    summary: 'How many events each day has',
    query: dayFilter,
    answer: json(z.array(dayCounts)),
    handler: ({ inbox: events, seen, query: { starts, camera } }) =>
      events.days(starts, camera, seen),
  }),
];
