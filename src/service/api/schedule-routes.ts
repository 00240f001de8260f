import { z } from 'zod';
import { pictureRegions } from '../../detector/regions.ts';
import { cameraStatus, regionPreview } from '../contract/camera.ts';
import { profileChoice, profileStatus, snooze } from '../contract/profile.ts';
import { shownCamera } from '../secrets/secrets.ts';
import { found, id, json, type Route, route } from './route.ts';

const params = z.object({ camera: id });

/** What is left out for a while or in a part of the picture: regions, snoozes, profiles. */
export const scheduleRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/cameras/:camera/regions/preview',
    life: 'only',
    role: 'viewer',
    summary: 'What other regions would have meant on the footage that was seen',
    params,
    body: z.strictObject({ regions: pictureRegions }),
    answer: json(regionPreview),
    handler: ({ cameras, params: { camera }, body: { regions } }) =>
      found(cameras.previewRegions(camera, regions), 'camera'),
  }),
  route({
    method: 'PUT',
    path: '/api/cameras/:camera/snooze',
    role: 'operator',
    summary: 'Tell nobody of its alarms for a while; they are listed all the same',
    params,
    body: snooze,
    answer: json(cameraStatus),
    handler: ({ cameras, schedule, params: { camera }, body }) => {
      found(cameras.status(camera), 'camera');
      schedule.snoozes.begin(camera, body);
      return shownCamera(found(cameras.status(camera), 'camera'));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/cameras/:camera/snooze',
    role: 'operator',
    summary: 'End its snooze',
    params,
    answer: json(cameraStatus),
    handler: ({ cameras, schedule, params: { camera } }) => {
      found(cameras.status(camera), 'camera');
      schedule.snoozes.end(camera);
      return shownCamera(found(cameras.status(camera), 'camera'));
    },
  }),
  route({
    method: 'GET',
    path: '/api/profile',
    role: 'viewer',
    summary: 'Which profile is in force, and why',
    answer: json(profileStatus),
    handler: ({ schedule }) => schedule.profiles.status,
  }),
  route({
    method: 'PUT',
    path: '/api/profile',
    role: 'admin',
    summary: 'Choose a profile, or leave it to the clock',
    body: profileChoice,
    answer: json(profileStatus),
    handler: ({ schedule, body }) => schedule.profiles.choose(body),
  }),
];
