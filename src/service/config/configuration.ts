import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { issueLines } from '../contract/issue-line.ts';
import { type ConfigurationFile, configurationFile } from '../contract/settings.ts';
import { hiddenSecret } from '../secrets/secrets.ts';

type ConfiguredCamera = ConfigurationFile['cameras'][number];

/**
 * Reads `m2s2l serve --config FILE`, which is JSON. Paths in it are taken from the file's own folder;
 * `{"fromFile": PATH}` stands for the text of another file.
 * @throws UserError with the file and the path of the first bad key, and how many more there are
 */
export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  const { configuration, faults } = await checkConfigurationFile(path);
  if (configuration) return configuration;
  const more = faults.length - 1;
  const hint = more > 0 ? `; ${more} more: m2s2l config check ${path} shows all` : '';
  throw new UserError(`${path}: ${faults[0]}${hint}`);
}

/**
 * The same with everything that is wrong in it, a line each, none where it can be used.
 * @throws UserError where it, or a file that it names, cannot be read or is no JSON
 */
export async function checkConfigurationFile(
  path: string,
): Promise<{ readonly configuration?: ConfigurationFile; readonly faults: readonly string[] }> {
  const value = await withSecrets(await readJson(path), path);
  const parsed = configurationFile.safeParse(value);
  const faults = [
    ...(parsed.success ? [] : issueLines(parsed.error)),
    ...hiddenKeys(value).map((key) => `${key}: write what it is, not ${hiddenSecret}`),
    ...sharedIds(value),
  ];
  if (!parsed.success || faults.length > 0) return { faults };
  const configuration = parsed.data;
  const folder = dirname(resolve(path));
  const { mqtt } = configuration;
  return {
    configuration: {
      ...configuration,
      ...(mqtt?.ca !== undefined && { mqtt: { ...mqtt, ca: placedCertificates(mqtt.ca, folder) } }),
      cameras: configuration.cameras.map((camera) => placed(camera, folder)),
    },
    faults,
  };
}

/** A string that lies in a file of its own, as secrets of containers do. */
const fromFile = z.strictObject({ fromFile: z.string().min(1) });

/** Replaces each `{"fromFile": PATH}` by the text of that file, without the line break at its end. */
async function withSecrets(value: unknown, path: string): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((inner) => withSecrets(inner, path)));
  const { data } = fromFile.safeParse(value);
  if (data) return (await readText(resolve(dirname(path), data.fromFile))).replace(/\r?\n$/, '');
  const entries = Object.entries(value).map(
    async ([key, inner]) => [key, await withSecrets(inner, path)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

const placedCertificates = (ca: string, folder: string) =>
  ca.includes('-----BEGIN ') ? ca : resolve(folder, ca);

/** What holds where no file is given. */
export const emptyConfiguration = (): ConfigurationFile => configurationFile.parse({});

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes what stands around the fault, which may be a password.
    const place = /\(line \d+ column \d+\)/.exec((error as Error).message)?.[0];
    throw new UserError(
      `${path}: is not valid JSON${place ? ` ${place}` : ''}; check it by a JSON editor`,
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw readError(error, path);
  }
}

function readError(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new UserError(`${path}: does not exist`);
    case 'EISDIR':
      return new UserError(`${path}: is a folder; give the file itself`);
    case 'EACCES':
      return new UserError(`${path}: may not be read`);
    case 'ENAMETOOLONG':
      return new UserError(`${path}: the name is too long for a file`);
    default:
      return error;
  }
}

/** The paths of keys that hold `***`: what a page shows was copied. */
function hiddenKeys(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return value.includes(hiddenSecret) ? [key] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = Array.isArray(value) ? `${key}[${name}]` : key === '' ? name : `${key}.${name}`;
    return hiddenKeys(inner, path);
  });
}

/** Ids that two cameras have. */
function sharedIds(value: unknown): string[] {
  const { cameras } = (value ?? {}) as { cameras?: unknown };
  if (!Array.isArray(cameras)) return [];
  const ids = cameras.map((camera) => (camera as { id?: unknown } | null)?.id);
  return ids.flatMap((id, i) => {
    const first = ids.indexOf(id);
    if (typeof id !== 'string' || first === i) return [];
    return [`cameras[${i}].id: "${id}" is the id of cameras[${first}], too; choose another`];
  });
}

function placed(camera: ConfiguredCamera, folder: string): ConfiguredCamera {
  const { source, learning, model } = camera;
  return {
    ...camera,
    source: 'path' in source ? { ...source, path: resolve(folder, source.path) } : source,
    learning: learning.file ? { ...learning, file: resolve(folder, learning.file) } : learning,
    // A name alone is a shipped model.
    ...(model !== undefined && {
      model: /[\\/]/.test(model) ? resolve(folder, model) : model,
    }),
  };
}

/** Of a service with others, whose cameras are in the database. @throws UserError where the file has some */
export function requireNoCameras({ cameras }: ConfigurationFile): void {
  if (cameras.length > 0)
    throw new UserError(
      'cameras of the configuration file: a service with --store keeps its cameras in the database; add them on the page, and take them out of the file',
    );
}
