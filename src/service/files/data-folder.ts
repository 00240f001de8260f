import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { modelFolder, shippedModels } from '../../detector/shipped-models.ts';
import { UserError } from '../../errors.ts';

/** Where things are in a data folder. */
export class DataFolder {
  readonly path: string;

  readonly #owner: string;

  /** @param owner name of this process where others share the folder */
  constructor(path: string, owner = '') {
    this.path = resolve(path);
    this.#owner = owner;
  }

  models(camera: string): string {
    return join(this.path, 'models', camera);
  }

  footage(camera: string): string {
    return join(this.path, 'footage', camera);
  }

  /** Footage of rehearsals under way. */
  get rehearsals(): string {
    return join(this.path, 'rehearsals', this.#owner);
  }

  odd(camera: string): string {
    return join(this.path, 'odd', camera);
  }

  scene(camera: string): string {
    return join(this.path, 'scenes', `${camera}.json`);
  }
}

/**
 * The folder of a model that settings name: a shipped one by its name, or any by its path.
 * @throws UserError where it is neither
 */
export function requireModelFolder(model: string): string {
  const folder = resolve(modelFolder(model));
  if (/[\\/]/.test(model) || existsSync(folder)) return folder;
  throw new UserError(
    `model '${model}': does not come with m2s2l; choose one of ${shippedModels().join(', ') || 'none'}, or give the path of a model folder`,
  );
}
