import { z } from 'zod';
import { role } from './settings.ts';
import { givenName } from './text.ts';

/** Ids of the cameras that somebody may see; null: all. */
export const cameraLimit = z.array(z.string().min(1).max(64)).min(1).max(500).nullable();

export const newPassword = z.string().min(10, 'must have 10 characters at least').max(200);

export const person = z.object({
  id: z.string(),
  name: z.string(),
  role,
  cameras: z.array(z.string()).nullable().describe('Ids of those they may see; null: all'),
  hasPassword: z.boolean(),
  created: z.number(),
  lastUsed: z.number().nullable(),
});
export type Person = z.infer<typeof person>;

export const personInput = z.strictObject({
  name: givenName,
  role,
  cameras: cameraLimit.default(null),
  password: newPassword.optional(),
});
export type PersonInput = z.infer<typeof personInput>;

/** What is to change; the others stay. A password of null is taken away. */
export const personChange = z.strictObject({
  name: givenName.optional(),
  role: role.optional(),
  cameras: cameraLimit.optional(),
  password: newPassword.nullable().optional(),
});
export type PersonChange = z.infer<typeof personChange>;

/** A link by which a person signs in once. */
export const signInLink = z.object({
  path: z.string().describe('Of the page, below the base path; shown once'),
  url: z.string().nullable().describe('Whole, where the public address is known'),
  expires: z.number(),
});

/** How somebody signs in. */
export const signIn = z.union([
  z.strictObject({ token: z.string().trim().min(1).max(200) }),
  z.strictObject({ name: givenName, password: z.string().min(1).max(200) }),
  z.strictObject({ link: z.string().regex(/^[\w-]{43}$/, 'is no link') }),
]);

/** Something that somebody did. */
export const deed = z.object({
  time: z.number(),
  who: z.string(),
  role: z.string(),
  deed: z.string(),
  camera: z.string().nullable(),
  event: z.string().nullable(),
  detail: z.string().nullable(),
});
export type Deed = z.infer<typeof deed>;

export const deedFilter = z.object({
  event: z.string().max(64).optional().describe('Id of an event'),
  limit: z.coerce.number().int().min(1).max(500).default(100).describe('The latest so many'),
});
