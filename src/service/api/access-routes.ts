import { z } from 'zod';
import { SESSION_SECONDS } from '../access/access.ts';
import { accessToken, role } from '../contract/settings.ts';
import { givenName } from '../contract/text.ts';
import { found, id, json, nothing, type Route, route } from './route.ts';

export const sessionCookie = 'm2s2l_session';

const session = z.object({
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
      tokenNeeded: access.tokenNeeded,
    }),
  }),
  route({
    method: 'POST',
    path: '/api/session',
    role: 'public',
    summary: 'Open a session by a token: a cookie that a browser sends by itself',
    body: z.strictObject({ token: z.string().trim().min(1).max(200) }),
    answer: json(session),
    handler: ({ access, body, request, reply }) => {
      const opened = access.signIn(body.token, request.ip);
      if (!opened) throw new WrongToken('this token is not known');
      reply.setCookie(sessionCookie, opened.cookie, {
        path: access.cookiePath,
        httpOnly: true,
        sameSite: 'strict',
        // A proxy that speaks HTTPS to the browser says so; the server itself does not.
        secure: /^https\b/.test(String(request.headers['x-forwarded-proto'])),
        maxAge: SESSION_SECONDS,
      });
      return { role: opened.role, by: 'session', tokenNeeded: access.tokenNeeded };
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
    body: z.strictObject({ name: givenName, role }),
    answer: json(newToken, 201),
    handler: ({ access, body }) => {
      const { token, added } = access.addToken(body.name, body.role);
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
