import { CameraKeeper } from '../budget/camera-keeper.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { Store } from '../parts.ts';
import type { CameraLife } from './life.ts';

type JudgingStore = Pick<Store, 'signatures' | 'keeper' | 'saveKeeper'>;

/**
 * Tells what keeps the budget what a person said of an event: of its model, also while the camera's
 * other one is in use.
 * @returns what it did, in a sentence; null where it did nothing
 */
export function judged(life: CameraLife, event: AnomalyEvent, store: JudgingStore): string | null {
  const { keeper } = life;
  const signatures = store.signatures(event.id);
  const { light } = event;
  const inUse = life.status().light;
  const other = light && inUse && light !== inUse ? store.keeper(life.id, light) : undefined;
  if (!keeper || !light || !other) {
    const effect = keeper?.judge(event, event.verdict, signatures) ?? null;
    life.keeperChanged();
    return effect;
  }
  const asleep = CameraKeeper.asStored(other, life.settings.budget);
  // Both pay from one store, and the one in use has it.
  asleep.saved = keeper.saved;
  const effect = asleep.judge(event, event.verdict, signatures);
  keeper.saved = asleep.saved;
  ifRoom(() => store.saveKeeper(life.id, { ...other, ...asleep.stored }, light));
  life.keeperChanged();
  return effect;
}
