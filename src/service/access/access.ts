import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { UserError } from '../../errors.ts';
import { randomId } from '../contract/random-id.ts';
import type { AccessToken, Role } from '../contract/settings.ts';
import { CannotStore, type Store } from '../parts.ts';
import { LoginAttempts } from './attempts.ts';
import { isLocalRequest } from './loopback.ts';
import { hashToken, newToken } from './tokens.ts';

/** The part of the store that access knows. */
export type TokenStore = Pick<
  Store,
  'tokens' | 'addToken' | 'tokenByHash' | 'tokenUsed' | 'removeToken'
>;

/** Who asks: by a token in the request, by the cookie of a session, or as a program of this machine. */
export interface Identity {
  readonly role: Role;
  readonly by: 'token' | 'session' | 'loopback';
  /** Of the token, also of that which opened the session. */
  readonly tokenHash?: string;
  /** Hash of the session's cookie. */
  readonly session?: string;
}

/** What is looked at to tell who asks. */
export interface Asking {
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  /** The session's cookie. */
  readonly session: string | undefined;
}

/** Too many tokens that were wrong; tried again after so many milliseconds. */
export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts';
  readonly wait: number;

  constructor(wait: number) {
    super(`too many tokens were wrong; wait ${Math.ceil(wait / 1000)} s`);
    this.wait = wait;
  }
}

export interface AccessOptions {
  readonly tokens: TokenStore;
  /** Programs of this machine need no token. Only where the server listens on loopback. */
  readonly loopbackIsAdmin: boolean;
  /** Where the page's addresses begin; default `/`. */
  readonly basePath?: string;
  readonly now?: () => number;
}

export const SESSION_SECONDS = 7 * 24 * 3600;
const MAX_SESSIONS = 1000;
/** Of one token: opening more ends only sessions of its own. */
const MAX_SESSIONS_OF_TOKEN = 50;
/** Milliseconds between two updates of a token's last use. */
const USE_STORED_EVERY = 60_000;

/** Tokens, the sessions that were opened with them, and who asks. */
export class Access {
  readonly #tokens: TokenStore;
  readonly #loopbackIsAdmin: boolean;
  readonly #now: () => number;
  readonly attempts: LoginAttempts;
  /** Path of the session's cookie, as a browser sees it. */
  readonly cookiePath: string;
  /** By the hash of the session's cookie. A session lives no longer than its token. */
  readonly #sessions = new Map<string, { readonly tokenHash: string; readonly ends: number }>();
  readonly #useStored = new Map<string, number>();
  /** Hashes of tokens that were accepted: they are not guesses and are never delayed. */
  readonly #proven = new Set<string>();

  constructor({ tokens, loopbackIsAdmin, basePath = '/', now }: AccessOptions) {
    this.cookiePath = `${basePath}api`;
    this.#tokens = tokens;
    this.#loopbackIsAdmin = loopbackIsAdmin;
    this.#now = now ?? Date.now;
    this.attempts = new LoginAttempts(now);
  }

  get tokenNeeded(): boolean {
    return !this.#loopbackIsAdmin;
  }

  /** A token of an admin, where one is needed and there is none yet. Told now and never again. */
  firstToken(): string | undefined {
    if (this.#loopbackIsAdmin || this.#admins().length > 0) return undefined;
    return this.addToken('first start', 'admin').token;
  }

  /** @throws TooManyAttempts */
  identify(asking: Asking): Identity | undefined {
    const { address, headers, session } = asking;
    if (headers.authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(headers.authorization)?.[1] ?? '';
      return this.#tried(token, address);
    }
    const bySession = session === undefined ? undefined : this.#bySession(session);
    if (bySession) return bySession;
    const local = this.#loopbackIsAdmin && isLocalRequest(asking);
    return local ? { role: 'admin', by: 'loopback' } : undefined;
  }

  /** Whether an accepted credential would be accepted again. */
  stillHolds({ role, tokenHash, session }: Identity): boolean {
    if (session !== undefined && !this.#openSession(session)) return false;
    return tokenHash === undefined || this.#tokens.tokenByHash(tokenHash)?.role === role;
  }

  /**
   * Opens a session by a token.
   * @returns the cookie, or undefined where the token is wrong
   * @throws TooManyAttempts
   */
  signIn(
    token: string,
    address: string,
  ): { readonly cookie: string; readonly role: Role } | undefined {
    const identity = this.#tried(token, address);
    if (!identity) return undefined;
    const cookie = randomBytes(32).toString('base64url');
    const ends = this.#now() + SESSION_SECONDS * 1000;
    this.#sessions.set(hashToken(cookie), { tokenHash: identity.tokenHash!, ends });
    this.#endOldest(identity.tokenHash!, MAX_SESSIONS_OF_TOKEN);
    if (this.#sessions.size > MAX_SESSIONS) this.#endOldest(this.#mostSessions(), 1);
    return { cookie, role: identity.role };
  }

  signOut(cookie: string): void {
    this.#sessions.delete(hashToken(cookie));
  }

  tokens(): AccessToken[] {
    return this.#tokens.tokens();
  }

  addToken(name: string, role: Role): { readonly token: string; readonly added: AccessToken } {
    const token = newToken();
    const added = { id: randomId(), name, role, created: this.#now(), lastUsed: null };
    this.#tokens.addToken(added, hashToken(token));
    return { token, added };
  }

  /** @throws UserError where nobody could let anybody in any more */
  removeToken(id: string): boolean {
    const admins = this.#admins();
    if (this.tokenNeeded && admins.length === 1 && admins[0]!.id === id)
      throw new UserError('this is the last token of an admin; make another one first');
    return this.#tokens.removeToken(id);
  }

  #endOldest(tokenHash: string, most: number): void {
    const own = [...this.#sessions].filter(([, session]) => session.tokenHash === tokenHash);
    for (const [session] of own.slice(0, Math.max(0, own.length - most)))
      this.#sessions.delete(session);
  }

  /** The token with the most sessions. */
  #mostSessions(): string {
    const counts = new Map<string, number>();
    for (const { tokenHash } of this.#sessions.values())
      counts.set(tokenHash, (counts.get(tokenHash) ?? 0) + 1);
    return [...counts].toSorted(([, a], [, b]) => b - a)[0]![0];
  }

  #admins(): AccessToken[] {
    return this.#tokens.tokens().filter(({ role }) => role === 'admin');
  }

  #tried(token: string, address: string): Identity | undefined {
    const tokenHash = hashToken(token);
    const wait = this.#proven.has(tokenHash) ? 0 : this.attempts.wait(address);
    if (wait > 0) throw new TooManyAttempts(wait);
    const role = this.#roleOf(tokenHash);
    if (!role) {
      this.#proven.delete(tokenHash);
      this.attempts.failure(address);
      return undefined;
    }
    if (!this.#proven.has(tokenHash)) {
      this.#proven.add(tokenHash);
      this.attempts.success(address);
    }
    return { role, by: 'token', tokenHash };
  }

  #bySession(cookie: string): Identity | undefined {
    const session = hashToken(cookie);
    const tokenHash = this.#openSession(session)?.tokenHash;
    const role = tokenHash === undefined ? undefined : this.#roleOf(tokenHash);
    return role && { role, by: 'session', tokenHash: tokenHash!, session };
  }

  #openSession(session: string): { readonly tokenHash: string } | undefined {
    const found = this.#sessions.get(session);
    if (found && found.ends > this.#now()) return found;
    this.#sessions.delete(session);
    return undefined;
  }

  #roleOf(tokenHash: string): Role | undefined {
    const found = this.#tokens.tokenByHash(tokenHash);
    if (!found) return undefined;
    const now = this.#now();
    if (now - (this.#useStored.get(found.id) ?? 0) >= USE_STORED_EVERY) {
      this.#useStored.set(found.id, now);
      this.#storeUse(found.id, now);
    }
    return found.role;
  }

  #storeUse(id: string, time: number): void {
    try {
      this.#tokens.tokenUsed(id, time);
    } catch (error) {
      // On a full disk people must get in all the same.
      if (!(error instanceof CannotStore)) throw error;
    }
  }
}
