import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shipped = fileURLToPath(new URL('../../models', import.meta.url));

/** Names of the models that come with m2s2l. */
export const shippedModels = (): string[] => (existsSync(shipped) ? readdirSync(shipped) : []);

/** The folder of a model: a path as it is, which wins, or that of a model that comes with m2s2l by its name. */
export function modelFolder(model: string): string {
  const isName = !/[\\/]/.test(model) && !existsSync(model) && shippedModels().includes(model);
  return isName ? join(shipped, model) : model;
}
