import { z } from 'zod';
import {
  budgetPreview,
  type CameraStatus,
  cameraChange,
  cameraSettings,
  cameraSource,
  cameraStatus,
  learningSettings,
  oddMinute,
  overlayKey,
  scoreSeries,
  sourceTest,
} from '../contract/camera.ts';
import { verdict } from '../contract/event.ts';
import { requireFootageThere } from '../secrets/address.ts';
import { shownCamera } from '../secrets/secrets.ts';
import { sendStored } from './files.ts';
import { streamPictures } from './picture-stream.ts';
import { bytes, found, id, json, nothing, type Route, route } from './route.ts';

const params = z.object({ camera: id });
const oddParams = z.object({ camera: id, odd: id.describe('Id of the odd minute') });

/** Removes secrets from a status before it leaves the service. */
const shown = (camera: CameraStatus | undefined) => shownCamera(found(camera, 'camera'));

/** Whether what stands out is laid over a picture. */
const overlay = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1')
  .describe('1: what stands out is laid over it');

/** Milliseconds: the scores of each second are read while all others wait. */
const LONGEST_SPAN = 31 * 24 * 3_600_000;

export const cameraRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/cameras',
    role: 'viewer',
    summary: 'All cameras and how they stand',
    answer: json(z.array(cameraStatus)),
    handler: ({ cameras, sees }) =>
      cameras
        .all()
        .filter(({ id: of }) => sees(of))
        .map(shownCamera),
  }),
  route({
    method: 'POST',
    path: '/api/cameras',
    role: 'admin',
    summary: 'Add a camera',
    body: cameraSettings,
    answer: json(cameraStatus, 201),
    handler: async ({ cameras, body }) => shownCamera(await cameras.add(body)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/test',
    role: 'admin',
    summary: 'One picture of a source, before it is added',
    body: cameraSource,
    answer: json(sourceTest),
    handler: ({ sources, body }) => sources.test(body),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/footage/test',
    role: 'admin',
    summary: 'Whether there is footage to learn from at a path',
    body: z.strictObject({ path: z.string().min(1).max(4096) }),
    answer: nothing,
    handler: ({ body: { path } }) => requireFootageThere(path),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera',
    role: 'viewer',
    summary: 'One camera and how it stands',
    params,
    answer: json(cameraStatus),
    handler: ({ cameras, params: { camera } }) => shown(cameras.status(camera)),
  }),
  route({
    method: 'PATCH',
    path: '/api/cameras/:camera',
    life: 'only',
    role: 'admin',
    summary: 'Change settings of a camera',
    params,
    body: cameraChange,
    answer: json(cameraStatus),
    handler: async ({ cameras, params: { camera }, body }) =>
      shown(await cameras.change(camera, body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/cameras/:camera',
    life: 'else here',
    role: 'admin',
    summary: 'Remove a camera with its events, clips, footage and models',
    params,
    answer: nothing,
    handler: async ({ cameras, params: { camera } }) => {
      found((await cameras.remove(camera)) || undefined, 'camera');
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/cameras/:camera/overlay',
    life: 'only',
    role: 'admin',
    summary: 'Go back to what the configuration file says of a camera',
    params,
    query: z.object({ key: overlayKey.optional().describe('That alone; without, all of it') }),
    answer: json(cameraStatus),
    handler: async ({ cameras, params: { camera }, query: { key } }) =>
      shown(await cameras.dropOverlay(camera, key)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/start',
    life: 'only',
    role: 'admin',
    summary: 'Go on after a stop',
    params,
    answer: json(cameraStatus),
    handler: async ({ cameras, params: { camera } }) => shown(await cameras.resume(camera)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/stop',
    life: 'only',
    role: 'admin',
    summary: 'Stop a camera; all of it is kept',
    params,
    answer: json(cameraStatus),
    handler: async ({ cameras, params: { camera } }) => shown(await cameras.stop(camera)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/learn',
    life: 'only',
    role: 'admin',
    summary: 'Learn again; the model in use stays until it is done',
    params,
    body: learningSettings,
    answer: json(cameraStatus),
    handler: async ({ cameras, params: { camera }, body }) =>
      shown(await cameras.learn(camera, body)),
  }),
  route({
    method: 'POST',
    path: '/api/cameras/:camera/learn-again',
    life: 'only',
    role: 'admin',
    summary: 'Learn the footage of the last learning again, with what was judged, at once',
    params,
    answer: json(cameraStatus),
    handler: async ({ cameras, params: { camera } }) => shown(await cameras.learnAgain(camera)),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/picture',
    life: 'only',
    role: 'viewer',
    summary: 'The latest picture; its ETag is its time',
    params,
    query: z.object({ overlay }),
    answer: bytes('image/jpeg'),
    handler: async ({ cameras, request, reply, params: { camera }, query }) => {
      found(cameras.status(camera), 'camera');
      const plain = found(cameras.picture(camera), 'picture');
      const { time, jpeg } = query.overlay
        ? found(await cameras.overlaid(camera), 'picture')
        : plain;
      const etag = query.overlay ? `"${time}-overlay"` : `"${time}"`;
      reply.header('etag', etag).header('cache-control', 'private, no-cache');
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type('image/jpeg').send(jpeg);
    },
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/stream',
    life: 'only',
    role: 'viewer',
    summary: 'Its pictures one after another, as MJPEG',
    params,
    query: z.object({
      overlay,
      fps: z.coerce.number().min(0.1).max(5).default(2).describe('Pictures a second, at most'),
    }),
    answer: bytes('multipart/x-mixed-replace'),
    handler: ({ cameras, access, identity, reply, params: { camera }, query }) => {
      found(cameras.status(camera), 'camera');
      const next = () => {
        if (!cameras.status(camera)) return null;
        return query.overlay ? cameras.overlaid(camera) : Promise.resolve(cameras.picture(camera));
      };
      return streamPictures(reply, query.fps, next, () => access.stillHolds(identity!));
    },
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/scores',
    life: 'else here',
    role: 'viewer',
    summary: 'The highest scores of a span, in so many points',
    params,
    query: z
      .object({
        from: z.coerce.number().describe('Milliseconds since 1970'),
        to: z.coerce.number().describe('Milliseconds since 1970'),
        points: z.coerce
          .number()
          .int()
          .min(1)
          .max(4000)
          .default(600)
          .describe('Points at most, each the highest of its part of the span'),
      })
      .refine(({ from, to }) => to > from && to - from <= LONGEST_SPAN, {
        path: ['to'],
        error: 'must be later than from, by 31 days at most',
      }),
    answer: json(scoreSeries),
    handler: ({ cameras, params: { camera }, query: { from, to, points } }) =>
      found(cameras.scores(camera, from, to, points), 'camera'),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/budget',
    life: 'only',
    role: 'viewer',
    summary: 'What a budget of alarms would have meant on the footage that was seen',
    params,
    query: z.object({
      alarmsPerDay: z.coerce.number().min(0.01).max(1000).describe('The budget to be tried'),
    }),
    answer: json(budgetPreview),
    handler: ({ cameras, params: { camera }, query: { alarmsPerDay } }) =>
      found(cameras.previewBudget(camera, alarmsPerDay), 'camera that can be judged yet'),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/odd-minutes',
    role: 'viewer',
    summary: 'Minutes of its footage that were left out of the learning',
    params,
    answer: json(z.array(oddMinute)),
    handler: ({ cameras, params: { camera } }) => found(cameras.oddMinutes.of(camera), 'camera'),
  }),
  route({
    method: 'PUT',
    path: '/api/cameras/:camera/odd-minutes/:odd',
    role: 'admin',
    summary: 'Say whether an odd minute is normal',
    params: oddParams,
    body: z.strictObject({ verdict }),
    answer: json(oddMinute),
    handler: ({ cameras, params: { camera, odd }, body }) =>
      found(cameras.oddMinutes.judge(camera, odd, body.verdict), 'odd minute'),
  }),
  route({
    method: 'GET',
    path: '/api/cameras/:camera/odd-minutes/:odd/picture',
    role: 'viewer',
    summary: 'Its picture',
    params: oddParams,
    answer: bytes('image/jpeg'),
    handler: ({ cameras, reply, params: { camera, odd } }) =>
      sendStored(reply, cameras.oddMinutes.picture(camera, odd)),
  }),
];
