import type { Identity } from '../access/access.ts';
import { NotFound } from './route.ts';
import type { ServedParts } from './served-parts.ts';

/** Whether somebody may see a camera. */
export const maySee = (identity: Pick<Identity, 'cameras'> | undefined, camera: string): boolean =>
  identity?.cameras?.includes(camera) ?? true;

/**
 * A camera that somebody may not see is not there for them, nor are its events.
 * @throws NotFound
 */
export function requireSeen(
  params: unknown,
  identity: Pick<Identity, 'cameras'> | undefined,
  { events }: Pick<ServedParts, 'events'>,
): void {
  if (identity?.cameras == null) return;
  const { camera, event } = (params ?? {}) as { camera?: string; event?: string };
  if (camera !== undefined && !maySee(identity, camera))
    throw new NotFound('there is no such camera');
  const of = event === undefined ? undefined : events.get(event)?.camera;
  if (of !== undefined && !maySee(identity, of)) throw new NotFound('there is no such event');
}
