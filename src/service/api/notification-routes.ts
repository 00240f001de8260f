import { z } from 'zod';
import {
  actionOffer,
  channelTest,
  notificationChannel,
  pushDevice,
  pushKey,
  pushSubscription,
} from '../contract/notification.ts';
import { randomId } from '../contract/random-id.ts';
import { requirePushService, vapidKeys } from '../notify/channels/push.ts';
import { boxedPicture } from '../notify/picture.ts';
import type { StoredSubscription } from '../parts.ts';
import { keepChannelSecrets } from '../secrets/notifications.ts';
import { BadRequest } from './bad-request.ts';
import { bytes, found, id, json, nothing, type Route, route } from './route.ts';

const linkParams = z.object({ link: z.string().regex(/^[\w-]{43}$/, 'is no link') });

/** Milliseconds that a test of a channel may take. */
const TEST_TIMEOUT = 20_000;

/** Browsers that may subscribe in all. */
const MOST_BROWSERS = 200;

const shownDevice = ({ id: of, channel, device, created }: StoredSubscription) => ({
  id: of,
  channel,
  device,
  created,
});

export const notificationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/notifications/test',
    role: 'admin',
    summary: 'Send a test by a channel, saved or not, and say what was answered',
    body: notificationChannel,
    answer: json(channelTest),
    handler: ({ notifier, settings, body }) =>
      notifier.test(
        keepChannelSecrets(body, settings.current().notifications.channels),
        AbortSignal.timeout(TEST_TIMEOUT),
      ),
  }),
  route({
    method: 'GET',
    path: '/api/push',
    role: 'viewer',
    summary: 'What a browser needs to subscribe to notifications',
    answer: json(pushKey),
    handler: ({ store, settings }) => ({
      publicKey: vapidKeys(store).publicKey,
      channels: settings
        .current()
        .notifications.channels.filter(({ kind }) => kind === 'push')
        .map(({ name }) => name),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/push',
    role: 'viewer',
    summary: 'Subscribe a browser to a channel; again in place of before',
    body: pushSubscription,
    answer: json(pushDevice, 201),
    handler: ({ store, settings, owner, anyPushService, body }) => {
      if (!anyPushService) requirePushService(body.endpoint);
      const { channels } = settings.current().notifications;
      const known = channels.some(({ kind, name }) => kind === 'push' && name === body.channel);
      if (!known) throw new BadRequest(`channel: there is no push channel called ${body.channel}`);
      if (store.pushSubscriptions().length >= MOST_BROWSERS)
        throw new BadRequest(`${MOST_BROWSERS} browsers have subscribed; remove some`);
      const subscription = { ...body, id: randomId(), owner, created: Date.now() };
      store.savePushSubscription(subscription);
      return shownDevice(subscription);
    },
  }),
  route({
    method: 'GET',
    path: '/api/push/devices',
    role: 'viewer',
    summary: 'Browsers that have subscribed: all to an admin, their own to others',
    answer: json(z.array(pushDevice)),
    handler: ({ store, owner, identity }) =>
      store
        .pushSubscriptions()
        .filter((one) => identity?.role === 'admin' || one.owner === owner)
        .map(shownDevice),
  }),
  route({
    method: 'DELETE',
    path: '/api/push/devices/:device',
    role: 'viewer',
    summary: 'A browser no longer takes notifications',
    params: z.object({ device: id }),
    answer: nothing,
    handler: ({ store, owner, identity, params: { device } }) => {
      const one = store.pushSubscriptions().find((browser) => browser.id === device);
      const may = one && (identity?.role === 'admin' || one.owner === owner);
      found((may && store.removePushSubscription(device)) || undefined, 'browser');
    },
  }),
  route({
    method: 'GET',
    path: '/api/actions/:link',
    role: 'public',
    summary: 'What a button of a notification would do',
    params: linkParams,
    answer: json(actionOffer),
    handler: ({ actions, params: { link } }) => found(actions.offer(link), 'link (any more)'),
  }),
  route({
    method: 'POST',
    path: '/api/actions/:link',
    role: 'public',
    summary: 'What a button of a notification does, once',
    params: linkParams,
    answer: json(actionOffer),
    handler: ({ actions, record, params: { link } }) => {
      const done = found(actions.act(link), 'link (any more)');
      const { action, cameraName, time, words, event, camera } = done;
      const deed = action === 'snooze' ? 'Snoozed a camera' : 'Judged an event';
      record({ who: 'a button of a notification', deed, event, camera, detail: action });
      return { action, cameraName, time, words };
    },
  }),
  route({
    method: 'GET',
    path: '/api/shared/:link/picture',
    role: 'public',
    summary: 'The picture of an event that a link shows, with a box around what stands out',
    params: linkParams,
    answer: bytes('image/jpeg'),
    handler: async ({ events, links, reply, params: { link } }) => {
      const { event: of } = found(links.find(link, 'share'), 'link (any more)');
      const event = found(events.get(of!), 'event');
      const thumbnail = found(await events.thumbnail(event.id), 'picture');
      reply.header('cache-control', 'private, max-age=3600');
      return reply.type('image/jpeg').send(await boxedPicture(thumbnail, event));
    },
  }),
];
