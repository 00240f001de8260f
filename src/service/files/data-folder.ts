import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';

/** Where things are in a data folder. */
export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  models(camera: string): string {
    return join(this.path, 'models', camera);
  }

  footage(camera: string): string {
    return join(this.path, 'footage', camera);
  }

  odd(camera: string): string {
    return join(this.path, 'odd', camera);
  }

  scene(camera: string): string {
    return join(this.path, 'scenes', `${camera}.json`);
  }
}

const shipped = fileURLToPath(new URL('../../../models', import.meta.url));

/**
 * The folder of a model that settings name: a shipped one by its name, or any by its path.
 * @throws UserError where it is neither
 */
export function modelFolder(model: string): string {
  if (/[\\/]/.test(model) || existsSync(model)) return resolve(model);
  if (existsSync(join(shipped, model))) return join(shipped, model);
  const names = existsSync(shipped) ? readdirSync(shipped).join(', ') : '';
  throw new UserError(
    `model '${model}': comes not with m2s2l; choose one of ${names || 'none'}, or give the path of a model folder`,
  );
}
