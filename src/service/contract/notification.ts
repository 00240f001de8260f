import { z } from 'zod';
import { address, givenName } from './text.ts';

/** A secret of a channel; shown as *** afterwards, which coming back means unchanged. */
const secret = z.string().min(1).max(500);

const channelName = givenName.max(40).describe('Unique; profiles choose channels by it');
const mailAddress = z.email().max(200);

/** Where notifications go. Webhooks are apart: they are for programs. */
export const notificationChannel = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('push').describe('Browsers that subscribed on the page'),
    name: channelName,
    contact: mailAddress
      .optional()
      .describe('Whom a push service writes to where something is wrong; some demand it'),
  }),
  z.strictObject({
    kind: z.literal('email'),
    name: channelName,
    host: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[\w.:-]+$/, 'is no name of a host'),
    port: z.number().int().min(1).max(65535).default(587),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .default('starttls')
      .describe('tls from the first byte (often port 465), starttls, or none at all'),
    username: z.string().max(200).optional(),
    password: secret.optional(),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(20),
  }),
  z.strictObject({
    kind: z.literal('ntfy'),
    name: channelName,
    url: address(/^https?$/)
      .default('https://ntfy.sh')
      .describe('Of the server'),
    topic: z.string().regex(/^[\w-]{1,64}$/, 'is no topic of ntfy'),
    token: secret.optional(),
    priority: z.number().int().min(1).max(5).default(4),
  }),
  z.strictObject({
    kind: z.literal('telegram'),
    name: channelName,
    url: address(/^https?$/)
      .default('https://api.telegram.org')
      .describe('Of the Bot API'),
    token: secret.describe('Of the bot, as BotFather tells it'),
    chat: z
      .string()
      .regex(/^(-?\d{1,20}|@\w{5,40})$/, 'is no chat: its number, or @ and the name of a channel'),
  }),
]);
export type NotificationChannel = z.infer<typeof notificationChannel>;

const distinctNames = (channels: readonly { readonly name: string }[]): boolean =>
  new Set(channels.map(({ name }) => name.toLowerCase())).size === channels.length;

/** Who is notified of alarms, and how. */
export const notificationSettings = z.strictObject({
  channels: z
    .array(notificationChannel)
    .max(20)
    .refine(distinctNames, 'two have the same name')
    .default([]),
  coolDown: z
    .number()
    .min(0)
    .max(86_400)
    .default(120)
    .describe('Seconds after a notification in which further alarms of the camera send none'),
  clipReady: z.boolean().default(false).describe('Whether another follows when the clip is there'),
  publicUrl: address(/^https?$/)
    .optional()
    .describe('Where people reach the page; links and buttons need it'),
});
export type NotificationSettings = z.infer<typeof notificationSettings>;

/** What a test of a channel brought. */
export const channelTest = z.object({
  ok: z.boolean(),
  answer: z.string().describe('What the other side said, or why it was not reached'),
});
export type ChannelTest = z.infer<typeof channelTest>;

/** What a browser gives when it subscribes (Push API). */
export const pushSubscription = z.strictObject({
  channel: channelName,
  device: givenName,
  endpoint: address(/^https?$/),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[\w-]{80,100}=*$/, 'is not a key'),
    auth: z.string().regex(/^[\w-]{20,30}=*$/, 'is not a key'),
  }),
});

export const pushDevice = z.object({
  id: z.string(),
  channel: z.string(),
  device: z.string(),
  created: z.number(),
});
export type PushDevice = z.infer<typeof pushDevice>;

/** What a page needs to subscribe. */
export const pushKey = z.object({
  publicKey: z.string().describe('VAPID, base64url'),
  channels: z.array(z.string()).describe('Names of the channels that take browsers'),
});

/** What a button of a notification does. */
export const linkedAction = z.enum(['real', 'normal', 'snooze']);
export type LinkedAction = z.infer<typeof linkedAction>;

export const actionOffer = z.object({
  action: linkedAction,
  cameraName: z.string(),
  time: z.number(),
  words: z.string().describe('What it would do, or did'),
});
export type ActionOffer = z.infer<typeof actionOffer>;
