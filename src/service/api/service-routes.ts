import { z } from 'zod';
import type { SettingsInForce } from '../config/settings-in-force.ts';
import { type ServiceSettings, serviceSettings, serviceStatus } from '../contract/settings.ts';
import { keepSettingsSecrets, maskSettings } from '../secrets/secrets.ts';
import { serverMetrics } from './metrics.ts';
import { Refused } from './refused.ts';
import { bytes, id, json, NotFound, type Route, route } from './route.ts';

const healthAnswer = z.object({ ok: z.boolean(), reason: z.string() });

const shownSettings = z.object({
  settings: serviceSettings.describe('Secrets are ***'),
  fromFile: z
    .array(z.enum(Object.keys(serviceSettings.shape) as (keyof ServiceSettings)[]))
    .describe('Keys that the configuration file holds; of them profiles alone can be changed here'),
  overlay: z
    .array(z.string())
    .describe('Keys that were changed here and stand over the configuration file'),
});

const shown = (settings: SettingsInForce): z.infer<typeof shownSettings> => ({
  settings: maskSettings(settings.current()),
  fromFile: [...settings.fromFile()],
  overlay: [...settings.overlay()],
});

export const serviceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/health/live',
    role: 'public',
    summary: 'The server answers',
    answer: json(healthAnswer),
    handler: () => ({ ok: true, reason: 'it runs' }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    role: 'public',
    summary: 'Everything is there that is needed for the work; else 503',
    answer: json(healthAnswer),
    handler: ({ health, reply }) => {
      const { ready, reason } = health.ready();
      if (!ready) reply.code(503);
      return { ok: ready, reason };
    },
  }),
  route({
    method: 'GET',
    path: '/metrics',
    role: 'viewer',
    summary: "Figures in Prometheus's text",
    answer: bytes('text/plain'),
    handler: async ({ metrics, streams, access, reply, seen }) => {
      if (seen !== null)
        throw new Refused(403, 'figures are of all cameras, and you may not see all');
      const own = await serverMetrics(streams, access);
      return reply.type('text/plain; version=0.0.4').send(`${await metrics.text()}\n${own}`);
    },
  }),
  route({
    method: 'GET',
    path: '/api/service',
    role: 'viewer',
    summary: 'How the service as a whole stands',
    answer: json(serviceStatus),
    handler: ({ health }) => health.status(),
  }),
  route({
    method: 'GET',
    path: '/api/settings',
    role: 'admin',
    summary: 'Settings of the service',
    answer: json(shownSettings),
    handler: ({ settings }) => shown(settings),
  }),
  route({
    method: 'PUT',
    path: '/api/settings',
    role: 'admin',
    summary: 'Set all of them; a secret that is *** stays as it is',
    body: serviceSettings,
    answer: json(shownSettings),
    handler: ({ settings, body }) => {
      settings.set(keepSettingsSecrets(body, settings.current()));
      return shown(settings);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/settings/overlay',
    role: 'admin',
    summary: 'Go back to what the configuration file says of profiles',
    answer: json(shownSettings),
    handler: ({ settings }) => {
      settings.dropOverlay();
      return shown(settings);
    },
  }),
  route({
    method: 'GET',
    path: '/api/stream',
    role: 'viewer',
    summary: 'Live scores, cameras and events as server-sent events',
    query: z.object({ camera: id.optional().describe('Id of the one camera to be told of') }),
    answer: bytes('text/event-stream'),
    handler: ({ access, streams, identity, sees, request, reply, query: { camera } }) => {
      if (camera !== undefined && !sees(camera)) throw new NotFound('there is no such camera');
      streams.open(reply, request.ip, camera, () => access.stillHolds(identity!), identity);
      return reply;
    },
  }),
];
