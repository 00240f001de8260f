import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

/** What a user may have, each version under a name of its own; all come from the npm registry. */
const versions = {
  npm10: 'npm:npm@^10.9.9',
  npm11: 'npm:npm@^11.21.2',
  npm12: 'npm:npm@^12.2.2',
  // Later ones are a binary that is no script for Node.js.
  pnpm: '^10.0.0',
  node22: `npm:node-${process.platform}-${process.arch}@^22.23.3`,
  node24: `npm:node-${process.platform}-${process.arch}@^24.21.0`,
  typescript: '~5.9.3',
  '@types/node': '^22.19.0',
  'openapi-typescript': '^7.13.0',
  publint: '^0.3.25',
  '@arethetypeswrong/cli': '^0.18.5',
};

export type PackageManager = 'npm10' | 'npm11' | 'npm12' | 'pnpm';
export type NodeVersion = 'node22' | 'node24';

/** The tools, installed in a folder of their own. */
export class Tools {
  readonly #modules: string;

  private constructor(modules: string) {
    this.#modules = modules;
  }

  static async install(folder: string): Promise<Tools> {
    await mkdir(folder, { recursive: true });
    const manifest = { private: true, dependencies: versions };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
    return new Tools(join(folder, 'node_modules'));
  }

  /** The folder of a version of Node.js, to stand first in `PATH`. */
  nodeFolder(version: NodeVersion): string {
    return join(this.#modules, version, 'bin');
  }

  /** The program of an installed package. */
  async program(name: keyof typeof versions, bin?: string): Promise<string> {
    const folder = join(this.#modules, name);
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      bin: string | Record<string, string>;
    };
    const path =
      typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin ?? manifest.name];
    if (!path) throw new Error(`${name} has no program ${bin ?? manifest.name}`);
    return join(folder, path);
  }
}
