import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { UserError } from '../../errors.ts';
import { randomId } from '../contract/random-id.ts';
import type { AccessToken, Role } from '../contract/settings.ts';
import { CannotStore, type SessionOwner, type Store, type StoredSession } from '../parts.ts';
import { LoginAttempts } from './attempts.ts';
import { isLocalRequest } from './loopback.ts';
import { isPassword } from './passwords.ts';
import { People } from './people.ts';
import { hashToken, newToken } from './tokens.ts';

/** The part of the store that access knows. */
export type TokenStore = Pick<
  Store,
  | 'tokens'
  | 'addToken'
  | 'tokenByHash'
  | 'tokenUsed'
  | 'removeToken'
  | 'person'
  | 'people'
  | 'personByName'
  | 'savePerson'
  | 'personUsed'
  | 'removePerson'
  | 'session'
  | 'addSession'
  | 'removeSession'
  | 'sessionCounts'
  | 'endOldestSessions'
>;

/** Who asks: by a token in the request, by the cookie of a session, or as a program of this machine. */
export interface Identity {
  readonly role: Role;
  readonly by: 'token' | 'session' | 'loopback';
  /** Of the token or the person. */
  readonly name: string;
  /** Ids of the cameras they may see; null: all. */
  readonly cameras: readonly string[] | null;
  /** As what they own is stored: `token:` and an id, `person:` and an id, `loopback`. */
  readonly owner: string;
  /** Of the token, also of that which opened the session. */
  readonly tokenHash?: string;
  /** Of the person who opened the session. */
  readonly person?: string;
  /** Hash of the session's cookie. */
  readonly session?: string;
}

/** The parts of a request that identify the client. */
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
    super(`too many tokens or passwords were wrong; wait ${Math.ceil(wait / 1000)} s`);
    this.wait = wait;
  }
}

export interface OpenedSession {
  readonly cookie: string;
  readonly role: Role;
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
  readonly #store: TokenStore;
  readonly #loopbackIsAdmin: boolean;
  readonly #now: () => number;
  readonly attempts: LoginAttempts;
  readonly people: People;
  /** Path of the session's cookie, as a browser sees it. */
  readonly cookiePath: string;
  readonly #useStored = new Map<string, number>();
  /** Hashes of tokens that were accepted: they are not guesses and are never delayed. */
  readonly #proven = new Set<string>();

  constructor({ tokens, loopbackIsAdmin, basePath = '/', now }: AccessOptions) {
    this.cookiePath = `${basePath}api`;
    this.#store = tokens;
    this.#loopbackIsAdmin = loopbackIsAdmin;
    this.#now = now ?? Date.now;
    this.attempts = new LoginAttempts(now);
    this.people = new People(tokens, () => this.tokenNeeded, this.#now);
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
    return local
      ? { role: 'admin', by: 'loopback', name: 'this machine', cameras: null, owner: 'loopback' }
      : undefined;
  }

  /** Whether an accepted credential would be accepted again, for the same cameras. */
  stillHolds({ role, cameras, tokenHash, person, session }: Identity): boolean {
    if (session !== undefined && !this.#openSession(session)) return false;
    const now =
      person === undefined
        ? tokenHash === undefined
          ? { role, cameras }
          : this.#store.tokenByHash(tokenHash)
        : this.#store.person(person);
    return now?.role === role && String(now.cameras ?? null) === String(cameras);
  }

  /**
   * Opens a session by a token.
   * @returns the cookie, or undefined where the token is wrong
   * @throws TooManyAttempts
   */
  signIn(token: string, address: string): OpenedSession | undefined {
    const identity = this.#tried(token, address);
    if (!identity) return undefined;
    const cookie = this.#openFor({ token: identity.tokenHash!, person: null });
    return { cookie, role: identity.role };
  }

  /**
   * Opens a session by a name and a password.
   * @throws TooManyAttempts
   */
  async signInByName(
    name: string,
    password: string,
    address: string,
  ): Promise<OpenedSession | undefined> {
    const wait = this.attempts.wait(address);
    if (wait > 0) throw new TooManyAttempts(wait);
    const found = this.#store.personByName(name);
    if (!(await isPassword(password, found?.password ?? null)) || !found) {
      this.attempts.failure(address);
      return undefined;
    }
    this.attempts.success(address);
    return this.signInPerson(found.person.id);
  }

  /** Opens a session of a person who has proved to be one. */
  signInPerson(id: string): OpenedSession | undefined {
    const person = this.#store.person(id);
    if (!person) return undefined;
    return { cookie: this.#openFor({ token: null, person: id }), role: person.role };
  }

  signOut(cookie: string): void {
    this.#store.removeSession(hashToken(cookie));
  }

  tokens(): AccessToken[] {
    return this.#store.tokens();
  }

  addToken(
    name: string,
    role: Role,
    cameras: readonly string[] | null = null,
  ): { readonly token: string; readonly added: AccessToken } {
    const token = newToken();
    const limit = cameras && [...cameras];
    const added = {
      id: randomId(),
      name,
      role,
      created: this.#now(),
      lastUsed: null,
      cameras: limit,
    };
    this.#store.addToken(added, hashToken(token));
    return { token, added };
  }

  /** @throws UserError where nobody could let anybody in any more */
  removeToken(id: string): boolean {
    const admins = this.#admins();
    if (
      this.tokenNeeded &&
      this.people.admins.length === 0 &&
      admins.length === 1 &&
      admins[0]!.id === id
    )
      throw new UserError('this is the last token of an admin; make another one first');
    return this.#store.removeToken(id);
  }

  #openFor(owner: SessionOwner): string {
    const cookie = randomBytes(32).toString('base64url');
    const created = this.#now();
    const ends = created + SESSION_SECONDS * 1000;
    this.#store.addSession({ ...owner, hash: hashToken(cookie), created, ends });
    this.#store.endOldestSessions(owner, MAX_SESSIONS_OF_TOKEN);
    const counts = this.#store.sessionCounts();
    const all = counts.reduce((sum, { count }) => sum + count, 0);
    if (all > MAX_SESSIONS) {
      const most = counts.reduce((a, b) => (b.count > a.count ? b : a));
      this.#store.endOldestSessions(most.owner, most.count - 1);
    }
    return cookie;
  }

  #admins(): AccessToken[] {
    return this.#store.tokens().filter(({ role }) => role === 'admin');
  }

  #tried(token: string, address: string): Identity | undefined {
    const tokenHash = hashToken(token);
    const wait = this.#proven.has(tokenHash) ? 0 : this.attempts.wait(address);
    if (wait > 0) throw new TooManyAttempts(wait);
    const found = this.#byToken(tokenHash);
    if (!found) {
      this.#proven.delete(tokenHash);
      this.attempts.failure(address);
      return undefined;
    }
    if (!this.#proven.has(tokenHash)) {
      this.#proven.add(tokenHash);
      this.attempts.success(address);
    }
    return { ...found, by: 'token' };
  }

  #bySession(cookie: string): Identity | undefined {
    const session = hashToken(cookie);
    const open = this.#openSession(session);
    if (!open) return undefined;
    const found = open.person === null ? this.#byToken(open.token) : this.#byPerson(open.person);
    return found && { ...found, by: 'session', session };
  }

  #openSession(session: string): StoredSession | undefined {
    const found = this.#store.session(session);
    return found && found.ends > this.#now() ? found : undefined;
  }

  #byToken(tokenHash: string): Omit<Identity, 'by'> | undefined {
    const found = this.#store.tokenByHash(tokenHash);
    if (!found) return undefined;
    const { id, name, role, cameras = null } = found;
    this.#used(id, (now) => this.#store.tokenUsed(id, now));
    return { role, name, cameras, owner: `token:${id}`, tokenHash };
  }

  #byPerson(person: string): Omit<Identity, 'by'> | undefined {
    const found = this.#store.person(person);
    if (!found) return undefined;
    const { name, role, cameras } = found;
    this.#used(person, (now) => this.#store.personUsed(person, now));
    return { role, name, cameras, owner: `person:${person}`, person };
  }

  #used(id: string, store: (now: number) => void): void {
    const now = this.#now();
    if (now - (this.#useStored.get(id) ?? 0) < USE_STORED_EVERY) return;
    this.#useStored.set(id, now);
    try {
      store(now);
    } catch (error) {
      // On a full disk people must get in all the same.
      if (!(error instanceof CannotStore)) throw error;
    }
  }
}
