import type { Store } from '../parts.ts';

/**
 * Whether who owns something may see a camera now.
 * @param owner `token:` and an id, `person:` and an id, or `loopback`
 */
export function ownerSees(
  store: Pick<Store, 'person' | 'tokens'>,
  owner: string,
  camera: string,
): boolean {
  if (owner === 'loopback') return true;
  const [kind, id = ''] = owner.split(':');
  const found =
    kind === 'person' ? store.person(id) : store.tokens().find((token) => token.id === id);
  return found !== undefined && (found.cameras?.includes(camera) ?? true);
}
