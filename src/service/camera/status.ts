import type { CameraStatus } from '../contract/camera.ts';
import type { StoredCamera } from '../parts.ts';
import { maskCameraSettings } from '../secrets/secrets.ts';
import type { CameraContext } from './context.ts';
import { countsOf } from './counts.ts';
import type { CameraLearning } from './learning.ts';
import { learningAgain } from './learning-again.ts';
import type { ShownState } from './shown-state.ts';
import type { CameraSight } from './sight.ts';
import type { CameraWatch } from './watch.ts';

/** What a camera is and shows. */
export interface SeenCamera {
  readonly id: string;
  readonly fromFile: boolean;
  readonly stored: StoredCamera;
  readonly shown: ShownState['now'];
  readonly sight: Pick<CameraSight, 'decoder' | 'scene' | 'size'>;
}

/** What it does: both undefined where it does neither. */
export interface BusyCamera {
  readonly learning: CameraLearning | undefined;
  readonly watch: CameraWatch | undefined;
}

/** The status of a camera as the API shows it; passwords in its address are masked. */
export function statusOf(
  { id, fromFile, stored, shown, sight }: SeenCamera,
  { learning, watch }: BusyCamera,
  { store, inference, schedule }: Pick<CameraContext, 'store' | 'inference' | 'schedule'>,
): CameraStatus {
  const { decoder, scene, size } = sight;
  return {
    id,
    settings: maskCameraSettings(stored.settings),
    fromFile,
    overlay: Object.keys(stored.overlay ?? {}),
    ...shown,
    scene,
    progress: learning?.progress ?? null,
    threshold: watch?.keeper.threshold ?? stored.threshold,
    trust: watch?.keeper.trust ?? null,
    light: watch?.light ?? null,
    otherRegions: watch?.otherRegions ?? false,
    snoozedUntil: schedule.snoozedUntil(id),
    verdictsWaiting: watch?.keeper.verdictsWaiting ?? 0,
    learnAgain: learningAgain(stored, scene, store),
    size,
    counts: countsOf(decoder?.counts, inference.counts(id)),
    lastScore: watch?.lastScore ?? null,
    oddMinutes: store.oddMinutes(id).filter(({ verdict }) => verdict === 'open').length,
  };
}
