import type { TokenStore } from '../../src/service/access/access.ts';
import type { Person } from '../../src/service/contract/people.ts';
import type { AccessToken } from '../../src/service/contract/settings.ts';
import type { SessionOwner, StoredSession } from '../../src/service/parts.ts';

/** A store of tokens, people and sessions that is gone with the test. */
export function memoryTokens(): TokenStore {
  const byHash = new Map<string, AccessToken>();
  const people = new Map<string, { person: Person; password: string | null }>();
  const sessions = new Map<string, StoredSession>();
  const hashOf = (id: string) => [...byHash].find(([, token]) => token.id === id)?.[0];
  const ownedBy = (owner: SessionOwner) =>
    [...sessions.values()].filter(
      ({ token, person }) => token === owner.token && person === owner.person,
    );
  return {
    tokens: () => [...byHash.values()],
    addToken: (token, hash) => void byHash.set(hash, token),
    tokenByHash: (hash) => byHash.get(hash),
    tokenUsed(id, time) {
      const hash = hashOf(id);
      if (hash) byHash.set(hash, { ...byHash.get(hash)!, lastUsed: time });
    },
    removeToken: (id) => byHash.delete(hashOf(id) ?? ''),
    people: () => [...people.values()].map(({ person }) => person),
    person: (id) => people.get(id)?.person,
    personByName: (name) => [...people.values()].find(({ person }) => person.name === name),
    savePerson(person, password) {
      const kept = password === undefined ? (people.get(person.id)?.password ?? null) : password;
      people.set(person.id, { person: { ...person, hasPassword: kept !== null }, password: kept });
    },
    personUsed(id, time) {
      const found = people.get(id);
      if (found) people.set(id, { ...found, person: { ...found.person, lastUsed: time } });
    },
    removePerson: (id) => people.delete(id),
    session: (hash) => sessions.get(hash),
    addSession: (session) => void sessions.set(session.hash, session),
    removeSession: (hash) => void sessions.delete(hash),
    sessionCounts() {
      const owners = new Map<string, SessionOwner>();
      for (const { token, person } of sessions.values())
        owners.set(`${token} ${person}`, { token, person } as SessionOwner);
      return [...owners.values()].map((owner) => ({ owner, count: ownedBy(owner).length }));
    },
    endOldestSessions(owner, most) {
      const own = ownedBy(owner);
      for (const { hash } of own.slice(0, Math.max(0, own.length - most))) sessions.delete(hash);
    },
  };
}
