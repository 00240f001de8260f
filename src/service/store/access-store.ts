import type { Deed, Person } from '../contract/people.ts';
import type { AccessToken } from '../contract/settings.ts';
import type {
  SessionOwner,
  Store,
  StoredLink,
  StoredSession,
  StoredSubscription,
} from '../parts.ts';
import type { Database } from './database.ts';
import { LinkTable } from './link-table.ts';
import { PeopleTable } from './people-table.ts';
import { PushTable } from './push-table.ts';
import type { ReadGuard } from './read-guard.ts';
import { TokenTable } from './token-table.ts';

/** What is stored of those who ask: tokens, people, their sessions, links, browsers and deeds. */
export class AccessStore {
  protected readonly guard: ReadGuard;
  readonly #links: LinkTable;
  readonly #people: PeopleTable;
  readonly #push: PushTable;
  readonly #tokens: TokenTable;

  constructor(database: Database, guard: ReadGuard) {
    this.guard = guard;
    this.#links = new LinkTable(database);
    this.#people = new PeopleTable(database);
    this.#push = new PushTable(database);
    this.#tokens = new TokenTable(database);
  }

  addLink(link: StoredLink, hash: string): void {
    this.#links.add(link, hash);
  }

  linkByHash(hash: string): StoredLink | undefined {
    return this.guard.read(() => this.#links.byHash(hash));
  }

  linksOf(event: string, purpose: StoredLink['purpose']): StoredLink[] {
    return this.guard.read(() => this.#links.ofEvent(event, purpose));
  }

  removeLink(id: string): boolean {
    return this.#links.remove(id);
  }

  pushSubscriptions(channel?: string): StoredSubscription[] {
    return this.guard.read(() => this.#push.all(channel), []);
  }

  savePushSubscription(subscription: StoredSubscription): void {
    this.#push.save(subscription);
  }

  removePushSubscription(id: string): boolean {
    return this.#push.remove(id);
  }

  serviceKey(name: string): string | undefined {
    return this.guard.read(() => this.#push.key(name));
  }

  /** @returns what is kept by a name, which is this value where there was none */
  serviceKeyOnce(name: string, value: string): string {
    return this.#push.keyOnce(name, value);
  }

  saveServiceKey(name: string, value: string): void {
    this.#push.saveKey(name, value);
  }

  people(): Person[] {
    return this.guard.read(() => this.#people.all());
  }

  personByName(name: string): ReturnType<Store['personByName']> {
    return this.guard.read(() => this.#people.byName(name));
  }

  person(id: string): Person | undefined {
    return this.guard.read(() => this.#people.get(id));
  }

  savePerson(person: Person, password?: string | null): void {
    this.#people.save(person, password);
  }

  personUsed(id: string, time: number): void {
    this.#people.used(id, time);
  }

  removePerson(id: string): boolean {
    return this.#people.remove(id);
  }

  session(hash: string): StoredSession | undefined {
    return this.guard.read(() => this.#people.session(hash));
  }

  addSession(session: StoredSession): void {
    this.#people.addSession(session);
  }

  removeSession(hash: string): void {
    this.#people.removeSession(hash);
  }

  sessionCounts(): ReturnType<Store['sessionCounts']> {
    return this.guard.read(() => this.#people.sessionCounts());
  }

  endOldestSessions(owner: SessionOwner, most: number): void {
    this.#people.endOldestSessions(owner, most);
  }

  addDeed(deed: Deed): void {
    this.#people.addDeed(deed);
  }

  deeds({ event, limit }: Parameters<Store['deeds']>[0]): Deed[] {
    return this.guard.read(() => this.#people.deeds(event, limit));
  }

  tokens(): AccessToken[] {
    return this.guard.read(() => this.#tokens.all());
  }

  addToken(token: AccessToken, hash: string): void {
    this.#tokens.add(token, hash);
  }

  tokenByHash(hash: string): ReturnType<Store['tokenByHash']> {
    return this.guard.read(() => this.#tokens.byHash(hash));
  }

  tokenUsed(id: string, time: number): void {
    this.#tokens.used(id, time);
  }

  removeToken(id: string): boolean {
    return this.#tokens.remove(id);
  }
}
