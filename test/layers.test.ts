import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

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
  files: ['errors'],
  graph: [],
  runtime: ['errors', 'graph'],
  nn: ['graph'],
  model: ['graph', 'nn'],
  video: ['errors', 'options', 'files'],
  datasets: ['errors', 'options', 'files', 'video'],
  scoring: ['errors'],
  inspection: ['graph', 'runtime', 'nn', 'model', 'scoring'],
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
  service: ['version', ...DETECTOR_KNOWS, 'detector', 'training'],
  cli: [...LIBRARY, 'bench', 'service'],
  index: LIBRARY,
  research: ['graph', 'runtime', 'nn', 'model', 'detector'],
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
    'inspection',
    'training',
    'detector',
    'datasets',
    'video',
    'evaluation',
    'service',
  ],
  fastify: ['service'],
  '@fastify/cookie': ['service'],
  '@fastify/static': ['service'],
  pino: ['service'],
  'prom-client': ['service'],
  mqtt: ['service'],
  commander: ['cli'],
};

const source = fileURLToPath(new URL('../src', import.meta.url));

/** Everything a file imports: statically, dynamically, for its types alone, or to export it again. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const statements = [
    /^\s*import\s*(['"])(.+?)\1/gm,
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*(['"])(.+?)\1/gm,
    /\bimport\s*\(\s*(['"`])(.+?)\1/gm,
  ];
  return statements.flatMap((statement) => [...code.matchAll(statement)].map((found) => found[2]!));
}

const layerOf = (path: string): string =>
  relative(source, path).split('/')[0]!.replace(/\.ts$/, '');

interface Import {
  readonly file: string;
  readonly layer: string;
  readonly specifier: string;
}

async function allImports(): Promise<Import[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const imports = await Promise.all(
    files.map(async (file) =>
      importsOf(await readFile(file, 'utf8')).map((specifier) => ({
        file,
        layer: layerOf(file),
        specifier,
      })),
    ),
  );
  return imports.flat();
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

test('layers may import only layers that stand below them, so there are no cycles', () => {
  const order = Object.keys(LAYERS);
  for (const [layer, allowed] of Object.entries(LAYERS))
    for (const below of allowed)
      expect(order.indexOf(below), `${layer} -> ${below}`).toBeLessThan(order.indexOf(layer));
});

test('every folder and file of src has its place', async () => {
  const layers = (await readdir(source)).map((name) => layerOf(join(source, name)));
  expect(layers.filter((layer) => !(layer in LAYERS))).toEqual([]);
});

test('no file imports what its layer may not', async () => {
  const wrong: string[] = [];
  let inside = 0;
  for (const { file, layer, specifier } of await allImports()) {
    if (!specifier.startsWith('.')) continue;
    const target = layerOf(resolve(dirname(file), specifier));
    if (target === layer) continue;
    inside += 1;
    if (!LAYERS[layer]?.includes(target))
      wrong.push(`${relative(source, file)} imports ${specifier}: ${layer} may not know ${target}`);
  }
  expect(wrong).toEqual([]);
  expect(inside).toBeGreaterThan(50);
});

test('packages stay where they are known', async () => {
  const wrong: string[] = [];
  for (const { file, layer, specifier } of await allImports()) {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    if (!PACKAGES[name]?.includes(layer))
      wrong.push(`${relative(source, file)} imports ${specifier}: ${layer} may not know ${name}`);
  }
  expect(wrong).toEqual([]);
});

test('what is imported can be told from the text alone', async () => {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter(({ name }) => name.endsWith('.ts'))) {
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    expect(text, entry.name).not.toMatch(/\bimport\s*\(\s*[^'"`\s]/);
    expect(text, entry.name).not.toMatch(/\brequire\s*\(/);
  }
});
