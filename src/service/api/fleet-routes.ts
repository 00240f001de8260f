import { z } from 'zod';
import { version } from '../../version.ts';
import { fleet as fleetAnswer } from '../contract/fleet.ts';
import { found, id, json, nothing, type Route, route } from './route.ts';

export const fleetRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/fleet',
    role: 'viewer',
    summary: 'The programs that share the cameras, and which camera is where',
    answer: json(fleetAnswer),
    handler: ({ fleet, sees }) => ({
      shared: fleet !== undefined,
      version,
      members: (fleet?.members() ?? []).map((member) => ({
        ...member,
        cameras: member.cameras.filter(sees),
      })),
    }),
  }),
  route({
    method: 'PUT',
    path: '/api/fleet/workers/:worker',
    role: 'admin',
    summary:
      'Let a worker give up its cameras, as before its machine is stopped, or take some again',
    params: z.object({ worker: id }),
    body: z.strictObject({ draining: z.boolean() }),
    answer: nothing,
    handler: async ({ fleet, params: { worker }, body: { draining } }) => {
      found((await fleet?.drain(worker, draining)) || undefined, 'worker');
    },
  }),
];
