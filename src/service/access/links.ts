import { randomBytes } from 'node:crypto';
import { randomId } from '../contract/random-id.ts';
import type { Store, StoredLink } from '../parts.ts';
import { hashToken } from './tokens.ts';

type LinkStore = Pick<Store, 'addLink' | 'linkByHash' | 'linksOf' | 'removeLink'>;

/** A new link; its secret is shown once. */
export interface NewLink {
  readonly secret: string;
  readonly link: StoredLink;
}

/**
 * Links that let in without a token: 256 random bits, kept as their hash, for one purpose, until they
 * expire or are taken back.
 */
export class Links {
  readonly #store: LinkStore;
  readonly #now: () => number;

  constructor(store: LinkStore, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /** @param lasts milliseconds */
  make(
    purpose: StoredLink['purpose'],
    subject: unknown,
    lasts: number,
    event: string | null = null,
  ): NewLink {
    const secret = randomBytes(32).toString('base64url');
    const created = this.#now();
    const link = { id: randomId(), purpose, event, subject, created, expires: created + lasts };
    this.#store.addLink(link, hashToken(secret));
    return { secret, link };
  }

  /** What a link is for; undefined where it is not known, used, or has expired. */
  find(secret: string, purpose: StoredLink['purpose']): StoredLink | undefined {
    const link = this.#store.linkByHash(hashToken(secret));
    return link?.purpose === purpose && link.expires > this.#now() ? link : undefined;
  }

  /** The same, once: of several at a time one alone gets it. */
  use(secret: string, purpose: StoredLink['purpose']): StoredLink | undefined {
    const link = this.find(secret, purpose);
    return link && this.#store.removeLink(link.id) ? link : undefined;
  }

  ofEvent(event: string, purpose: StoredLink['purpose']): StoredLink[] {
    const now = this.#now();
    return this.#store.linksOf(event, purpose).filter(({ expires }) => expires > now);
  }

  remove(id: string): boolean {
    return this.#store.removeLink(id);
  }
}
