import { z } from 'zod';
import { cameraSettings } from './camera.ts';
import { notificationSettings } from './notification.ts';
import { profiles } from './profile.ts';
import { address, givenName } from './text.ts';

/** A viewer looks, an operator also judges and keeps, an admin does everything. */
export const role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof role>;

/** Whether a role may do what another may. */
export const roleReaches = (has: Role, needed: Role): boolean =>
  role.options.indexOf(has) >= role.options.indexOf(needed);

/** An address that can be called: its user and password are decoded for that. */
const called = (protocol: RegExp) =>
  address(protocol).refine(
    loginDecodes,
    'special characters in its user and password are written as %40 and the like, a % as %25',
  );

function loginDecodes(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { username, password } = new URL(url);
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

const webhook = z.strictObject({
  name: givenName
    .optional()
    .describe('By which profiles tell it of alarms; without one it is called webhooks'),
  url: called(/^https?$/),
  /** Key of the signature, by Standard Webhooks; shown as *** afterwards, which coming back means unchanged. */
  secret: z.union([z.string().min(8).max(200), z.literal('***')]),
  kinds: z.array(z.enum(['alarm', 'camera'])).default(['alarm']),
  /** `both`, the default, adds the headers of version 0.1, `m2s2l-event-id` and `m2s2l-signature`. */
  signature: z.enum(['standard', 'both']).optional(),
});

/** A message goes by its address: two of one address would be signed by one secret. */
function distinctAddresses(webhooks: readonly { readonly url: string }[]): boolean {
  const urls = webhooks.map(({ url }) => url).filter((url) => !url.includes('***'));
  return new Set(urls).size === urls.length;
}

const mqttSettings = z.strictObject({
  url: called(/^(mqtts?|wss?)$/),
  username: z.string().optional(),
  password: z.string().optional(),
  ca: z
    .string()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      "Certificates (PEM) that the broker's is checked by, or the path of a file with them",
    ),
  topic: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^#+]+$/)
    .default('m2s2l'),
  /** Prefix of Home Assistant's discovery. */
  discovery: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^#+]+$/)
    .default('homeassistant'),
});

/** What the page can set, and the configuration file too. */
export const serviceSettings = z.strictObject({
  webhooks: z
    .array(webhook)
    .max(20)
    .refine(distinctAddresses, 'two have the same address; give one of them all kinds')
    .default([]),
  mqtt: mqttSettings.nullable().default(null),
  notifications: notificationSettings.prefault({}),
  storage: z
    .strictObject({
      /** Clips, thumbnails and footage together; the oldest go first. */
      maxBytes: z.number().int().min(10_000_000).default(20_000_000_000),
      /** Days that near misses and the scores of each second are kept. */
      nearMissDays: z.number().min(1).max(365).default(14),
    })
    .prefault({}),
  profiles: profiles.default([]),
});
export type ServiceSettings = z.infer<typeof serviceSettings>;

/** Path under which a proxy serves the page. */
const basePath = z
  .string()
  .regex(/^\/([\w.~-]+\/)*$/, 'is not a base path; it must begin and end with /, as in /cameras/');

/** `m2s2l serve --config FILE`. What is set here, the page shows and cannot change. */
export const configurationFile = z.strictObject({
  $schema: z.string().optional().describe('For editors; nothing here reads it'),
  // Without their defaults: a key that the file does not hold is the page's.
  webhooks: serviceSettings.shape.webhooks.unwrap().optional(),
  mqtt: serviceSettings.shape.mqtt.unwrap().optional(),
  storage: serviceSettings.shape.storage.unwrap().optional(),
  profiles: profiles.optional(),
  notifications: notificationSettings.optional(),
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.number().int().min(0).max(65535).default(8480),
      /** A token is needed from loopback, too. Elsewhere it always is. */
      requireToken: z.boolean().default(false),
      /** Proxies whose headers on the client are believed: true for those of this machine, or their addresses. */
      trustProxy: z.union([z.boolean(), z.array(z.string().min(1)).min(1)]).default(false),
      basePath: basePath.default('/'),
      /** Address at which people reach the page; its path is the base path. */
      publicUrl: address(/^https?$/).optional(),
    })
    .prefault({}),
  cameras: z
    .array(cameraSettings.extend({ id: z.string().regex(/^[a-z0-9-]{1,40}$/) }))
    .default([]),
});
export type ConfigurationFile = z.infer<typeof configurationFile>;

export const serviceStatus = z.object({
  version: z.string(),
  started: z.number(),
  /** Troubles of the service as a whole, one line each: the disk is full, inference restarts. */
  notices: z.array(z.string()),
  storage: z.object({ bytes: z.number(), maxBytes: z.number(), diskFree: z.number().nullable() }),
  outbox: z.object({
    waiting: z.number(),
    oldest: z.number().nullable(),
    lastError: z.string().nullable(),
  }),
  mqtt: z.enum(['off', 'connected', 'disconnected']),
});
export type ServiceStatus = z.infer<typeof serviceStatus>;

export const accessToken = z.object({
  id: z.string(),
  name: z.string(),
  role,
  created: z.number(),
  lastUsed: z.number().nullable(),
  cameras: z.array(z.string()).nullable().optional().describe('Ids of those it may see; null: all'),
});
export type AccessToken = z.infer<typeof accessToken>;
