import type { FastifyRequest } from 'fastify';
import type { Access, Identity } from '../access/access.ts';
import { originOf } from '../access/same-origin.ts';
import { roleReaches } from '../contract/settings.ts';
import { sessionCookie } from './access-routes.ts';
import { Refused } from './refused.ts';
import type { Route } from './route.ts';

/**
 * Lets a request through to its route, or not.
 * @returns who asks, undefined at a public route where nobody needs to
 * @throws Refused, TooManyAttempts
 */
export function guard(
  { role, method }: Pick<Route, 'role' | 'method'>,
  access: Access,
  request: FastifyRequest,
): Identity | undefined {
  const { headers, ip } = request;
  const session = request.cookies[sessionCookie];
  const asked = { address: ip, headers, httpVersion: request.raw.httpVersion, session };
  const identity = access.identify(asked);
  if (identity?.by !== 'token') requireOwnPage(method, role, identity, request);
  if (role === 'public') return identity;
  if (!identity)
    throw new Refused(
      401,
      access.tokenNeeded
        ? 'a token is needed: in the header Authorization: Bearer TOKEN, or by a session'
        : 'a token is needed, except for programs of this machine that ask 127.0.0.1 or localhost and not by a proxy',
    );
  if (!roleReaches(identity.role, role)) throw new Refused(403, `the role of an ${role} is needed`);
  return identity;
}

/** A browser sends cookies from this machine for any page's request: only our own page may ask. */
function requireOwnPage(
  method: Route['method'],
  role: Route['role'],
  identity: Identity | undefined,
  { headers, host }: FastifyRequest,
): void {
  if (method === 'GET' && role === 'public') return;
  const origin = originOf(headers, host);
  const unsure = origin === 'unknown' && method !== 'GET' && identity?.by === 'session';
  if (origin === 'other' || unsure)
    throw new Refused(403, 'only pages of this server may ask this by a session');
}
