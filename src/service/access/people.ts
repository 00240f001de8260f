import { UserError } from '../../errors.ts';
import type { Person, PersonChange, PersonInput } from '../contract/people.ts';
import { randomId } from '../contract/random-id.ts';
import type { Store } from '../parts.ts';
import { hashPassword, isPassword } from './passwords.ts';

type PeopleStore = Pick<
  Store,
  'people' | 'person' | 'personByName' | 'savePerson' | 'removePerson' | 'tokens'
>;

/** People who sign in by name, as an admin looks after them. */
export class People {
  readonly #store: PeopleStore;
  readonly #needed: () => boolean;
  readonly #now: () => number;

  /** @param needed whether nobody is let in without a token or a password */
  constructor(store: PeopleStore, needed: () => boolean, now: () => number) {
    this.#store = store;
    this.#needed = needed;
    this.#now = now;
  }

  all(): Person[] {
    return this.#store.people();
  }

  get admins(): Person[] {
    return this.all().filter(({ role }) => role === 'admin');
  }

  /** @throws UserError where the name is taken */
  async add({ name, role, cameras, password }: PersonInput): Promise<Person> {
    if (this.#store.personByName(name)) throw new UserError(`name: ${name} is taken already`);
    const kept = password === undefined ? null : await hashPassword(password);
    const person = {
      id: randomId(),
      name,
      role,
      cameras,
      hasPassword: kept !== null,
      created: this.#now(),
      lastUsed: null,
    };
    this.#store.savePerson(person, kept);
    return person;
  }

  /** @throws UserError where the name is taken, or nobody could let anybody in any more */
  async change(id: string, change: PersonChange): Promise<Person | undefined> {
    const before = this.#store.person(id);
    if (!before) return undefined;
    const { password, ...others } = change;
    const next = { ...before, ...others } as Person;
    const named = this.#store.personByName(next.name)?.person;
    if (named && named.id !== id) throw new UserError(`name: ${next.name} is taken already`);
    if (next.role !== 'admin') this.#requireOtherAdmin(id);
    this.#store.savePerson(next, password == null ? password : await hashPassword(password));
    return this.#store.person(id);
  }

  /** @throws UserError where nobody could let anybody in any more */
  remove(id: string): boolean {
    this.#requireOtherAdmin(id);
    return this.#store.removePerson(id);
  }

  /** @throws UserError where the one before is not right */
  async setPassword(id: string, password: string, before: string | undefined): Promise<void> {
    const person = this.#store.person(id);
    if (!person) return;
    const { password: kept = null } = this.#store.personByName(person.name) ?? {};
    if (kept !== null && !(await isPassword(before ?? '', kept)))
      throw new UserError('before: is not the password that you have');
    this.#store.savePerson(person, await hashPassword(password));
  }

  #requireOtherAdmin(id: string): void {
    const byToken = this.#store.tokens().some(({ role }) => role === 'admin');
    const { admins } = this;
    if (this.#needed() && !byToken && admins.length === 1 && admins[0]!.id === id)
      throw new UserError('this is the last admin; make another one first');
  }
}
