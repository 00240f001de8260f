import { join } from 'node:path';
import { modelThreshold } from '../budget/threshold-in-force.ts';
import type { CameraSettings, LearningSettings } from '../contract/camera.ts';
import { type DataFolder, requireModelFolder } from '../files/data-folder.ts';
import type { StoredCamera } from '../parts.ts';
import { requireAllowedSource, requireFootageThere } from '../secrets/address.ts';
import { keepSourceSecrets } from '../secrets/secrets.ts';
import { asConfigured, newCameraId } from './configured.ts';
import type { ModelChecks } from './model-checks.ts';

/**
 * A camera of these settings, not stored yet.
 * @throws UserError where its source or its model cannot be used
 */
export async function newCamera(
  settings: CameraSettings,
  models: ModelChecks,
  folder: DataFolder,
): Promise<StoredCamera> {
  requireAllowedSource(keepSourceSecrets(settings.source));
  requireFootage(settings.learning);
  const model =
    settings.model === undefined
      ? undefined
      : await models.check(requireModelFolder(settings.model));
  const id = newCameraId(settings.name);
  return {
    ...asConfigured(id, undefined, settings, firstLearning(id, settings, folder)),
    threshold: model ? modelThreshold(model.threshold, settings.budget.alarmsPerDay) : null,
  };
}

/** What a camera without a model begins with. */
export function firstLearning(
  id: string,
  { model, learning }: CameraSettings,
  folder: DataFolder,
): StoredCamera['learning'] {
  if (model !== undefined) return null;
  return { settings: learning, out: join(folder.models(id), '1'), begun: Date.now() };
}

/** @throws UserError where it names footage that is not there */
export function requireFootage({ file }: LearningSettings): void {
  if (file !== undefined) requireFootageThere(file);
}
