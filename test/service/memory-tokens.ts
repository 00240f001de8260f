import type { TokenStore } from '../../src/service/access/access.ts';
import type { AccessToken } from '../../src/service/contract/settings.ts';

/** A store of tokens that is gone with the test. */
export function memoryTokens(): TokenStore {
  const byHash = new Map<string, AccessToken>();
  const hashOf = (id: string) => [...byHash].find(([, token]) => token.id === id)?.[0];
  return {
    tokens: () => [...byHash.values()],
    addToken: (token, hash) => void byHash.set(hash, token),
    tokenByHash: (hash) => byHash.get(hash),
    tokenUsed(id, time) {
      const hash = hashOf(id);
      if (hash) byHash.set(hash, { ...byHash.get(hash)!, lastUsed: time });
    },
    removeToken: (id) => byHash.delete(hashOf(id) ?? ''),
  };
}
