import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { allImports, importsOf } from './imports.ts';

const DETECTOR_KNOWS = [
  'errors',
  'options',
  'files',
  'graph',
  'runtime',
  'nn',
  'model',
  'video',
  'datasets',
  'scoring',
];
const LIBRARY = [
  'version',
  ...DETECTOR_KNOWS,
  'inspection',
  'detector',
  'export',
  'training',
  'evaluation',
  'rehearsal',
];

/**
 * The layers of the house, bottom to top, each with the layers that it may import. A layer is a
 * folder of src, or a file of it by its name.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  options: ['errors'],
  version: [],
  backoff: [],
  files: ['errors'],
  graph: [],
  runtime: ['errors', 'graph'],
  nn: ['graph'],
  model: ['graph', 'nn'],
  video: ['errors', 'options', 'backoff', 'files'],
  datasets: ['errors', 'options', 'files', 'video'],
  scoring: ['errors', 'nn', 'model'],
  inspection: ['errors', 'graph', 'runtime', 'nn', 'model', 'scoring'],
  detector: [...DETECTOR_KNOWS, 'inspection'],
  export: ['errors', 'version', 'files', 'graph', 'nn', 'model', 'detector'],
  training: ['version', ...DETECTOR_KNOWS, 'inspection', 'detector'],
  evaluation: [
    'errors',
    'options',
    'version',
    'files',
    'nn',
    'model',
    'video',
    'datasets',
    'scoring',
    'inspection',
    'detector',
  ],
  rehearsal: ['version', ...DETECTOR_KNOWS, 'detector', 'training', 'evaluation'],
  bench: ['version', ...DETECTOR_KNOWS, 'detector', 'training'],
  service: ['version', 'backoff', ...DETECTOR_KNOWS, 'detector', 'training', 'rehearsal'],
  cli: [...LIBRARY, 'bench', 'service'],
  index: LIBRARY,
  research: ['graph', 'runtime', 'nn', 'model', 'detector'],
};

/** The rooms of the service, bottom to top, each with the rooms that it may import. */
const SERVICE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  process: [],
  parts: ['contract'],
  secrets: ['contract'],
  log: ['secrets'],
  health: ['contract'],
  metrics: ['contract'],
  discovery: ['contract'],
  mqtt: ['contract'],
  disk: ['parts'],
  access: ['contract', 'parts'],
  store: ['contract', 'parts'],
  files: ['contract', 'parts', 'disk'],
  archive: ['contract', 'parts', 'disk', 'files'],
  config: ['contract', 'parts', 'secrets', 'disk', 'access'],
  outbox: ['contract', 'parts', 'secrets', 'disk'],
  notify: ['contract', 'parts', 'secrets', 'access', 'outbox'],
  announcer: ['contract', 'parts', 'disk', 'mqtt', 'outbox'],
  decoder: ['contract', 'parts', 'secrets', 'process'],
  inference: ['parts', 'process'],
  learning: ['parts', 'process'],
  rehearsal: ['parts', 'process'],
  jobs: ['process', 'store'],
  processes: ['parts', 'decoder', 'inference', 'learning'],
  schedule: ['contract', 'parts', 'mqtt', 'disk'],
  events: ['contract', 'parts'],
  budget: ['contract', 'parts', 'events'],
  camera: [
    'contract',
    'parts',
    'secrets',
    'disk',
    'files',
    'config',
    'schedule',
    'events',
    'budget',
  ],
  fleet: [
    'contract',
    'parts',
    'secrets',
    'disk',
    'access',
    'store',
    'files',
    'announcer',
    'schedule',
    'camera',
  ],
  api: [
    'contract',
    'parts',
    'secrets',
    'disk',
    'health',
    'metrics',
    'access',
    'files',
    'config',
    'notify',
    'announcer',
    'discovery',
    'schedule',
    'camera',
  ],
  announcing: [
    'contract',
    'disk',
    'mqtt',
    'access',
    'store',
    'config',
    'outbox',
    'notify',
    'announcer',
    'schedule',
    'api',
  ],
  service: [
    'contract',
    'parts',
    'health',
    'metrics',
    'store',
    'files',
    'archive',
    'config',
    'access',
    'notify',
    'announcer',
    'rehearsal',
    'processes',
    'schedule',
    'camera',
    'fleet',
    'api',
    'announcing',
  ],
};

/** Where each package is known; every other layer is free of it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['runtime'],
  protobufjs: ['graph'],
  'node-av': ['video'],
  h5wasm: ['datasets'],
  sharp: ['video', 'datasets', 'evaluation', 'service'],
  zod: [
    'options',
    'model',
    'scoring',
    'inspection',
    'training',
    'detector',
    'datasets',
    'video',
    'evaluation',
    'rehearsal',
    'service',
  ],
  fastify: ['service'],
  '@fastify/cookie': ['service'],
  '@fastify/helmet': ['service'],
  '@fastify/static': ['service'],
  pino: ['service'],
  'prom-client': ['service'],
  yazl: ['service'],
  '@node-rs/argon2': ['service'],
  nodemailer: ['service'],
  'web-push': ['service'],
  mqtt: ['service'],
  pg: ['service'],
  'pg-boss': ['service'],
  commander: ['cli'],
  '@aws-sdk/client-s3': ['service'],
};

/** A longer file is divided by subject. */
const MOST_LINES = 350;

const source = fileURLToPath(new URL('../src', import.meta.url));
const service = join(source, 'service');

/** The room of a file below a folder: a folder in it, or a file of it by its name. */
const roomOf = (path: string, folder: string): string =>
  relative(folder, path).split('/')[0]!.replace(/\.ts$/, '');

async function sources(): Promise<{ readonly path: string; readonly text: string }[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter(({ name }) => name.endsWith('.ts'))
    .map(({ parentPath, name }) => join(parentPath, name));
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })),
  );
}

const layerOf = (path: string): string => roomOf(path, source);

/** Imports from one room to another that its table does not allow. */
async function trespasses(
  folder: string,
  rooms: Readonly<Record<string, readonly string[]>>,
): Promise<{ readonly crossings: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  let crossings = 0;
  for (const { file, specifier } of await allImports(folder)) {
    const target = resolve(dirname(file), specifier);
    if (!specifier.startsWith('.') || relative(folder, target).startsWith('..')) continue;
    const [from, to] = [roomOf(file, folder), roomOf(target, folder)];
    if (from === to) continue;
    crossings += 1;
    if (!rooms[from]?.includes(to))
      wrong.push(`${relative(folder, file)} imports ${specifier}: ${from} may not know ${to}`);
  }
  return { crossings, wrong };
}

function requireOrder(rooms: Readonly<Record<string, readonly string[]>>): void {
  const order = Object.keys(rooms);
  for (const [room, allowed] of Object.entries(rooms))
    for (const below of allowed)
      expect(order.indexOf(below), `${room} -> ${below}`).toBeLessThan(order.indexOf(room));
}

test('imports are found in every form', () => {
  const text = `
import './side-effect.ts';
import one, { two } from "./static.ts";
import {
  type Three,
} from './lines.ts';
import type { Four } from './type.ts';
export * from './again.ts';
export { five } from './some.ts';
const six = await import('./dynamic.ts');
type Seven = import('./in-type.ts').Seven;
// import { no } from './comment.ts';
/** import { no } from './docs.ts'; */
const from = 'export nothing';
`;
  expect(importsOf(text).toSorted()).toEqual(
    ['again', 'dynamic', 'in-type', 'lines', 'side-effect', 'some', 'static', 'type'].map(
      (name) => `./${name}.ts`,
    ),
  );
});

test('layers and rooms import only what stands below them, so there are no cycles', () => {
  requireOrder(LAYERS);
  requireOrder(SERVICE_ROOMS);
});

test('every folder and file of src has its place', async () => {
  const layers = (await readdir(source)).map((name) => layerOf(join(source, name)));
  expect(layers.filter((layer) => !(layer in LAYERS))).toEqual([]);
});

test('every folder and file of the service has its room', async () => {
  const rooms = (await readdir(service)).map((name) => roomOf(join(service, name), service));
  expect(new Set(rooms)).toEqual(new Set(Object.keys(SERVICE_ROOMS)));
});

test('no file imports what its layer may not', async () => {
  const { crossings, wrong } = await trespasses(source, LAYERS);
  expect(wrong).toEqual([]);
  expect(crossings).toBeGreaterThan(50);
});

test('no file of the service imports what its room may not', async () => {
  const { crossings, wrong } = await trespasses(service, SERVICE_ROOMS);
  expect(wrong).toEqual([]);
  expect(crossings).toBeGreaterThan(50);
});

test('packages stay where they are known', async () => {
  const wrong: string[] = [];
  for (const { file, specifier } of await allImports(source)) {
    const layer = layerOf(file);
    if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    if (!PACKAGES[name]?.includes(layer))
      wrong.push(`${relative(source, file)} imports ${specifier}: ${layer} may not know ${name}`);
  }
  expect(wrong).toEqual([]);
});

test('no file of src is so long that it has more than one subject', async () => {
  const long: string[] = [];
  for (const { path, text } of await sources()) {
    const lines = text.trimEnd().split('\n').length;
    if (lines > MOST_LINES) long.push(`${relative(source, path)} has ${lines} lines`);
  }
  expect(long).toEqual([]);
});

test('imports can be found from the text alone', async () => {
  for (const { path, text } of await sources()) {
    expect(text, path).not.toMatch(/\bimport\s*\(\s*[^'"`\s]/);
    expect(text, path).not.toMatch(/\brequire\s*\(/);
  }
});
