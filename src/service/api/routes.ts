import { z } from 'zod';
import { accessRoutes } from './access-routes.ts';
import { cameraRoutes } from './camera-routes.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { fleetRoutes } from './fleet-routes.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { notificationRoutes } from './notification-routes.ts';
import { openApiDocument } from './openapi.ts';
import { peopleRoutes } from './people-routes.ts';
import { rehearsalRoutes } from './rehearsal-routes.ts';
import { json, type Route, route } from './route.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { serviceRoutes } from './service-routes.ts';
import { sharingRoutes } from './sharing-routes.ts';

/** Every route there is: the server, its guard, its description and its documentation are made from it. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...cameraRoutes,
  ...rehearsalRoutes,
  ...discoveryRoutes,
  ...scheduleRoutes,
  ...eventRoutes,
  ...inboxRoutes,
  ...sharingRoutes,
  ...notificationRoutes,
  ...fleetRoutes,
  ...accessRoutes,
  ...peopleRoutes,
  route({
    method: 'GET',
    path: '/api/openapi.json',
    role: 'public',
    summary: 'This description, as OpenAPI 3.1',
    answer: json(z.record(z.string(), z.unknown())),
    handler: () => (document ??= openApiDocument(routes)),
  }),
];

let document: ReturnType<typeof openApiDocument> | undefined;
