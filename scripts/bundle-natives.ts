/**
 * Puts ONNX Runtime and the FFmpeg binding into `dist/node_modules`, without their install scripts,
 * so that an installed m2s2l needs the npm registry alone. As dependencies their scripts would fetch
 * files from other hosts. The binaries of FFmpeg are platform packages, installed by npm.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist/node_modules');

/** What each package needs at run time, and of it what only its install scripts need. */
const bundled: Readonly<Record<string, { readonly parts: RegExp; readonly but?: RegExp }>> = {
  // The binding loads the other of the two copies on macOS.
  'onnxruntime-node': {
    parts: /^(dist|bin)\/|^README\.md$/,
    but: /\.map$|libonnxruntime\.\d+\.\d+\.\d+\.dylib$/,
  },
  'onnxruntime-common': { parts: /^dist\/|^README\.md$/, but: /\.map$/ },
  'node-av': { parts: /^dist\/|^(README|LICENSE)\.md$/, but: /\.map$|^dist\/ffmpeg\/install\./ },
};

/** Keys of a manifest that loading a package, or naming its licence, takes. */
const kept = [
  'name',
  'version',
  'description',
  'author',
  'license',
  'repository',
  'homepage',
  'type',
  'main',
  'module',
  'types',
  'exports',
];

/** A hard link where the disk allows it: the binaries are 300 MB. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
}

async function bundle(name: string): Promise<void> {
  const { parts, but } = bundled[name]!;
  const from = join(root, 'node_modules', name);
  const files = await readdir(from, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name)
      .slice(from.length + 1)
      .replaceAll('\\', '/');
    if (parts.test(path) && !but?.test(path))
      await place(join(from, path), join(target, name, path));
  }
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const entries = kept.flatMap((key) => (key in manifest ? [[key, manifest[key]]] : []));
  await writeFile(
    join(target, name, 'package.json'),
    `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`,
  );
}

await rm(target, { recursive: true, force: true });
for (const name of Object.keys(bundled)) await bundle(name);
// A package that lacks a file is told here, not by who installs it.
const require = createRequire(join(root, 'dist/index.js'));
for (const name of Object.keys(bundled)) {
  const path = require.resolve(name);
  if (!path.startsWith(target)) throw new Error(`${name} resolves to ${path}`);
  await import(path);
}
