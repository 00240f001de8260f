import { type ModelDescription, readModel } from '../../detector/model-file.ts';
import type { CheckedModel } from '../parts.ts';
import { nightFolder, readLights } from './light-file.ts';

/** What the service needs to know of a model. */
export const checkedModel = ({
  configuration,
  preset,
  threshold,
}: ModelDescription): CheckedModel => ({ format: configuration.input, preset, threshold });

/** What the service needs to know of a model folder. @throws UserError where it cannot be read */
export async function checkedFolder(folder: string): Promise<CheckedModel> {
  const model = checkedModel((await readModel(folder)).description);
  const clusters = await readLights(folder);
  if (!clusters) return model;
  const night = nightFolder(folder);
  const { threshold } = checkedModel((await readModel(night)).description);
  return { ...model, lights: { clusters, night: { folder: night, threshold } } };
}
