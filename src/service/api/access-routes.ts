import { z } from 'zod';
import { type Access, type OpenedSession, SESSION_SECONDS } from '../access/access.ts';
import type { Links } from '../access/links.ts';
import { cameraLimit, signIn } from '../contract/people.ts';
import { accessToken, role } from '../contract/settings.ts';
import { givenName } from '../contract/text.ts';
import { found, id, json, nothing, type Route, route } from './route.ts';

export const sessionCookie = 'm2s2l_session';

const session = z.object({
  name: z.string().nullable().describe('Of the person or the token'),
  cameras: z.array(z.string()).nullable().describe('Ids of those you may see; null: all'),
  person: z.boolean().describe('Whether a person has signed in, who has a password'),
  role: role.nullable().describe('Null where a token is needed first'),
  by: z.enum(['token', 'session', 'loopback']).nullable(),
  tokenNeeded: z.boolean().describe('Whether programs of this machine need a token, too'),
});

const newToken = accessToken.extend({
  token: z.string().describe('Told once; only its hash is kept'),
});

/** A token that does not let anybody in. */
export class WrongToken extends Error {
  override readonly name = 'WrongToken';
}

export const accessRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/session',
    role: 'public',
    summary: 'Who asks, and what that lets them do',
    answer: json(session),
    handler: ({ access, identity }) => ({
      role: identity?.role ?? null,
      by: identity?.by ?? null,
      name: identity?.name ?? null,
      cameras: identity?.cameras ? [...identity.cameras] : null,
      person: identity?.person !== undefined,
      tokenNeeded: access.tokenNeeded,
    }),
  }),
  route({
    method: 'POST',
    path: '/api/session',
    role: 'public',
    summary: 'Open a session by a token, a name and password, or a link: a cookie',
    body: signIn,
    answer: json(session),
    handler: async ({ access, links, body, request, reply }) => {
      const opened = await openedBy(access, links, body, request.ip);
      const identity = access.identify({
        address: request.ip,
        headers: {},
        httpVersion: request.raw.httpVersion,
        session: opened.cookie,
      })!;
      reply.setCookie(sessionCookie, opened.cookie, {
        path: access.cookiePath,
        httpOnly: true,
        sameSite: 'strict',
        // A proxy that speaks HTTPS to the browser says so; the server itself does not.
        secure: /^https\b/.test(String(request.headers['x-forwarded-proto'])),
        maxAge: SESSION_SECONDS,
      });
      const { role: has, name, cameras, person } = identity;
      return {
        role: has,
        by: 'session',
        name,
        cameras: cameras && [...cameras],
        person: person !== undefined,
        tokenNeeded: access.tokenNeeded,
      };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/session',
    role: 'public',
    summary: 'End the session',
    answer: nothing,
    handler: ({ access, request, reply }) => {
      const cookie = request.cookies[sessionCookie];
      if (cookie !== undefined) access.signOut(cookie);
      reply.clearCookie(sessionCookie, { path: access.cookiePath });
    },
  }),
  route({
    method: 'GET',
    path: '/api/tokens',
    role: 'admin',
    summary: 'All tokens, without what they are',
    answer: json(z.array(accessToken)),
    handler: ({ access }) => access.tokens(),
  }),
  route({
    method: 'POST',
    path: '/api/tokens',
    role: 'admin',
    summary: 'Make a token; it is shown once',
    body: z.strictObject({ name: givenName, role, cameras: cameraLimit.default(null) }),
    answer: json(newToken, 201),
    handler: ({ access, body }) => {
      const { token, added } = access.addToken(body.name, body.role, body.cameras);
      return { ...added, token };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/tokens/:token',
    role: 'admin',
    summary: 'Remove a token, with the sessions that it opened',
    params: z.object({ token: id }),
    answer: nothing,
    handler: ({ access, params: { token } }) => {
      found(access.removeToken(token) || undefined, 'token');
    },
  }),
];

/** @throws WrongToken, TooManyAttempts */
async function openedBy(
  access: Access,
  links: Links,
  proof: z.infer<typeof signIn>,
  address: string,
): Promise<OpenedSession> {
  if ('token' in proof) {
    const opened = access.signIn(proof.token, address);
    if (opened) return opened;
    throw new WrongToken('this token is not known');
  }
  if ('link' in proof) {
    const link = links.use(proof.link, 'sign in');
    const opened = link && access.signInPerson(String(link.subject));
    if (opened) return opened;
    throw new WrongToken('this link does not work (any more)');
  }
  const opened = await access.signInByName(proof.name, proof.password, address);
  if (opened) return opened;
  throw new WrongToken('the name or the password is wrong');
}
