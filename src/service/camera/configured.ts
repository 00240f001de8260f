import type { CameraOverlay, CameraSettings, OverlayKey } from '../contract/camera.ts';
import { randomId } from '../contract/random-id.ts';
import type { CheckedModel, StoredCamera } from '../parts.ts';

/** What comes with other settings of a camera. */
export interface LifeChange {
  /** Another one, which was found good. */
  readonly model?: CheckedModel | undefined;
  /** What then lies over the configuration file. */
  readonly overlay?: CameraOverlay | null;
}

/** A camera as it is stored, brought to what is configured of it. */
export function asConfigured(
  id: string,
  stored: StoredCamera | undefined,
  settings: CameraSettings,
  learning: StoredCamera['learning'],
): StoredCamera {
  const { model } = settings;
  const life = model === undefined ? 'learning' : 'watching';
  const created = Date.now();
  const fresh = { id, settings, life, resumed: life, model: model ?? null, learning, created };
  if (!stored) return { ...fresh, threshold: null } as StoredCamera;
  const other = model !== undefined && model !== stored.settings.model;
  if (!other) return { ...stored, settings };
  return { ...stored, ...fresh, created: stored.created, threshold: null } as StoredCamera;
}

/** Without what is not given. */
export function given(overlay: CameraOverlay | null | undefined): Partial<CameraSettings> {
  const entries = Object.entries(overlay ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

/** What is left over the configuration file without one key; null where that is nothing. */
export function overlayWithout(
  overlay: CameraOverlay | null | undefined,
  key: OverlayKey,
): CameraOverlay | null {
  const left = { ...overlay };
  delete left[key];
  return Object.keys(left).length > 0 ? left : null;
}

/** An id that a person recognises, in routes and topics. */
export function newCameraId(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 30);
  return [plain, randomId().slice(0, 6)].filter(Boolean).join('-');
}
