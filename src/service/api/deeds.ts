import type { Identity } from '../access/access.ts';
import type { Deed } from '../contract/people.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { Store } from '../parts.ts';
import type { Route } from './route.ts';

/** What a handler says was done; without it, the route's own words. */
export type Recorded = Partial<Pick<Deed, 'who' | 'deed' | 'camera' | 'event' | 'detail'>>;

/** Records who did what, where anything was changed. A full disk hinders no deed. */
export function recordDeeds(
  store: Pick<Store, 'addDeed'>,
  { method, role, summary }: Pick<Route, 'method' | 'role' | 'summary'>,
  {
    identity,
    recorded,
    params,
    body,
  }: {
    readonly identity: Identity | undefined;
    readonly recorded: readonly Recorded[];
    readonly params: unknown;
    readonly body: unknown;
  },
): void {
  if (method === 'GET' || (role === 'public' && recorded.length === 0)) return;
  const { camera = null, event = null } = (params ?? {}) as { camera?: string; event?: string };
  const who = identity?.name ?? 'somebody with a link';
  // Keys alone: values may be secrets.
  const detail = typeof body === 'object' && body !== null ? Object.keys(body).join(', ') : null;
  const whole = { time: Date.now(), who, role: identity?.role ?? '', deed: summary, camera, event };
  for (const one of recorded.length > 0 ? recorded : [{}])
    ifRoom(() => store.addDeed({ ...whole, detail, ...one }));
}
