import { z } from 'zod';
import { rehearsalOrder, rehearsalStatus } from '../contract/rehearsal.ts';
import { found, id, json, nothing, type Route, route } from './route.ts';

const params = z.object({ camera: id });
const path = '/api/cameras/:camera/rehearsal';

export const rehearsalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path,
    life: 'else here',
    role: 'viewer',
    summary: 'How its rehearsal stands, and what it found',
    params,
    answer: json(rehearsalStatus),
    handler: ({ rehearsals, params: { camera } }) => found(rehearsals.status(camera), 'camera'),
  }),
  route({
    method: 'POST',
    path,
    life: 'only',
    role: 'admin',
    summary:
      'Run its model over its recorded footage, with odd things put in; it ends one under way',
    params,
    body: rehearsalOrder,
    answer: json(rehearsalStatus),
    handler: ({ rehearsals, params: { camera }, body }) =>
      found(rehearsals.begin(camera, body), 'camera'),
  }),
  route({
    method: 'DELETE',
    path,
    life: 'only',
    role: 'admin',
    summary: 'End its rehearsal, and forget what it found',
    params,
    answer: nothing,
    handler: ({ rehearsals, params: { camera } }) => {
      found(rehearsals.forget(camera) || undefined, 'camera');
    },
  }),
];
