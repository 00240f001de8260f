import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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

  event(event: string): string {
    return join(this.path, 'events', event);
  }
}

const shipped = fileURLToPath(new URL('../../models', import.meta.url));

/** The folder of a model that settings name: a shipped one by its name, or any by its path. */
export function modelFolder(model: string): string {
  if (!/[\\/]/.test(model) && existsSync(join(shipped, model))) return join(shipped, model);
  return resolve(model);
}
