import { z } from 'zod';
import {
  alarmBudget,
  budgetPreview,
  type CameraStatus,
  cameraSettings,
  cameraSource,
  cameraStatus,
  learningSettings,
  oddMinute,
  scoreSeries,
  sourceTest,
} from '../contract/camera.ts';
import { verdict } from '../contract/event.ts';
import { shownCamera } from '../secrets.ts';
import { sendStored } from './files.ts';
import { bytes, found, id, json, nothing, type Route, route } from './route.ts';

const params = z.object({ camera: id });
const oddParams = z.object({ camera: id, odd: id });

/** Whatever the service tells: no secret leaves. */
const shown = (camera: CameraStatus | undefined) => shownCamera(found(camera, 'camera'));

const { shape } = cameraSettings;

/** Milliseconds: the scores of each second are read while all others wait. */
const LONGEST_SPAN = 31 * 24 * 3_600_000;

/** What is to change; each key is replaced as a whole, and the others stay. */
export const cameraChange = z.strictObject({
  name: shape.name.optional(),
  source: shape.source.optional().describe('*** for its user and password: they stay'),
  fps: shape.fps.unwrap().optional(),
  model: shape.model,
  learning: learningSettings.optional(),
  budget: alarmBudget.optional(),
  clip: shape.clip.unwrap().optional(),
});

export const cameraRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/cameras',
    role: 'viewer',
    summary: 'All cameras and how they stand',
    answer: json(z.array(cameraStatus)),
    handler: ({ service }) => service.cameras().map(shownCamera),
  }),
  route({
    method: 'POST',
    path: '/api/cameras',
    role: 'admin',
    summary: 'Add a camera',
    body: cameraSettings,
    answer: json(cameraStatus, 201),
    handler: async ({ service, body }) => shownCamera(await service.addCamera(body)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/test',
    role: 'admin',
    summary: 'One picture of a source, before it is added',
    body: cameraSource,
    answer: json(sourceTest),
    handler: ({ service, body }) => service.testSource(body),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera',
    role: 'viewer',
    summary: 'One camera and how it stands',
    params,
    answer: json(cameraStatus),
    handler: ({ service, params: { camera } }) => shown(service.camera(camera)),
  }),
  route({
    method: 'PATCH',
    path: '/api/cameras/:camera',
    role: 'admin',
    summary: 'Change settings of a camera',
    params,
    body: cameraChange,
    answer: json(cameraStatus),
    handler: async ({ service, params: { camera }, body }) =>
      shown(await service.changeCamera(camera, body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/cameras/:camera',
    role: 'admin',
    summary: 'Remove a camera with its events, clips, footage and models',
    params,
    answer: nothing,
    handler: async ({ service, params: { camera } }) => {
      found((await service.removeCamera(camera)) || undefined, 'camera');
    },
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/start',
    role: 'admin',
    summary: 'Go on after a stop',
    params,
    answer: json(cameraStatus),
    handler: async ({ service, params: { camera } }) => shown(await service.startCamera(camera)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/stop',
    role: 'admin',
    summary: 'Stop a camera; all of it is kept',
    params,
    answer: json(cameraStatus),
    handler: async ({ service, params: { camera } }) => shown(await service.stopCamera(camera)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/learn',
    role: 'admin',
    summary: 'Learn anew; the model in use stays until that is done',
    params,
    body: learningSettings,
    answer: json(cameraStatus),
    handler: async ({ service, params: { camera }, body }) =>
      shown(await service.learnCamera(camera, body)),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/picture',
    role: 'viewer',
    summary: 'The latest picture; its ETag is its time',
    params,
    answer: bytes('image/jpeg'),
    handler: ({ service, request, reply, params: { camera } }) => {
      found(service.camera(camera), 'camera');
      const { time, jpeg } = found(service.picture(camera), 'picture');
      const etag = `"${time}"`;
      reply.header('etag', etag).header('cache-control', 'private, no-cache');
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type('image/jpeg').send(jpeg);
    },
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/scores',
    role: 'viewer',
    summary: 'The highest scores of a span, in so many points',
    params,
    query: z
      .object({
        from: z.coerce.number(),
        to: z.coerce.number(),
        points: z.coerce.number().int().min(1).max(4000).default(600),
      })
      .refine(({ from, to }) => to > from && to - from <= LONGEST_SPAN, {
        path: ['to'],
        error: 'must be later than from, by 31 days at most',
      }),
    answer: json(scoreSeries),
    handler: ({ service, params: { camera }, query: { from, to, points } }) =>
      found(service.scores(camera, from, to, points), 'camera'),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/budget',
    role: 'viewer',
    summary: 'What a budget of alarms would have meant on the footage that was seen',
    params,
    query: z.object({ alarmsPerDay: z.coerce.number().min(0.01).max(1000) }),
    answer: json(budgetPreview),
    handler: ({ service, params: { camera }, query: { alarmsPerDay } }) =>
      found(service.previewBudget(camera, alarmsPerDay), 'camera that can be judged yet'),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/odd-minutes',
    role: 'viewer',
    summary: 'Minutes of its footage that were left out of the learning',
    params,
    answer: json(z.array(oddMinute)),
    handler: ({ service, params: { camera } }) => found(service.oddMinutes(camera), 'camera'),
  }),
  route({
    method: 'PUT',
    path: '/api/cameras/:camera/odd-minutes/:odd',
    role: 'admin',
    summary: 'Say whether an odd minute is normal',
    params: oddParams,
    body: z.strictObject({ verdict }),
    answer: json(oddMinute),
    handler: ({ service, params: { camera, odd }, body }) =>
      found(service.judgeOddMinute(camera, odd, body.verdict), 'odd minute'),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/odd-minutes/:odd/picture',
    role: 'viewer',
    summary: 'Its picture',
    params: oddParams,
    answer: bytes('image/jpeg'),
    handler: ({ service, reply, params: { camera, odd } }) =>
      sendStored(reply, service.oddMinutePicture(camera, odd)),
  }),
];
