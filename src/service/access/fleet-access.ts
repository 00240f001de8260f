import { Access, type AccessOptions, type Asking, type Identity } from './access.ts';
import { hashToken } from './tokens.ts';

/** Header in which a server names who asked it. */
const ASKED_BY = 'm2s2l-asked-by';

/** The headers by which a worker believes a server. */
export function fleetHeaders(secret: string, identity: Identity): Record<string, string> {
  const { role, name, cameras, owner } = identity;
  return {
    authorization: `Bearer ${secret}`,
    [ASKED_BY]: encodeURIComponent(JSON.stringify({ role, name, cameras, owner })),
  };
}

/** Who the servers of a fleet are to each other and to workers. */
export const fleetMember: Identity = {
  role: 'admin',
  by: 'token',
  name: 'the fleet',
  cameras: null,
  owner: 'fleet',
};

/** Access to a worker: servers of its fleet ask for others, whom they have let in already. */
export class FleetAccess extends Access {
  readonly #secret: string;
  readonly #forwarded = new WeakSet<Identity>();

  constructor({ secret, ...options }: AccessOptions & { readonly secret: string }) {
    super(options);
    this.#secret = hashToken(secret);
  }

  override identify(asking: Asking): Identity | undefined {
    const { authorization = '', [ASKED_BY]: askedBy } = asking.headers;
    if (hashToken(authorization.replace(/^Bearer +/i, '')) !== this.#secret)
      return super.identify(asking);
    const asked = JSON.parse(decodeURIComponent(String(askedBy))) as Identity;
    const identity: Identity = { ...asked, by: 'token' };
    this.#forwarded.add(identity);
    return identity;
  }

  /** Whether somebody may still read is for the server to see, which cuts the line. */
  override stillHolds(identity: Identity): boolean {
    return this.#forwarded.has(identity) || super.stillHolds(identity);
  }
}
