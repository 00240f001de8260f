import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usesApiClient } from './api-client.ts';
import { run, userEnvironment } from './run.ts';
import type { NodeVersion, PackageManager, Tools } from './tools.ts';
import { isSilent, until } from './until.ts';

/** An empty project into which m2s2l is installed. */
export class Consumer {
  readonly #folder: string;
  readonly #node: string;
  readonly #tools: Tools;

  private constructor(folder: string, node: string, tools: Tools) {
    this.#folder = folder;
    this.#node = node;
    this.#tools = tools;
  }

  /** Installs the tarball by the one line that the README gives. */
  static async install(
    folder: string,
    tarball: string,
    manager: PackageManager,
    node: NodeVersion,
    tools: Tools,
  ): Promise<Consumer> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
    const consumer = new Consumer(folder, tools.nodeFolder(node), tools);
    const word = manager === 'pnpm' ? 'add' : 'install';
    await consumer.#run('node', await tools.program(manager), word, tarball);
    return consumer;
  }

  #run(program: string, ...words: string[]): Promise<string> {
    return run(program, words, { cwd: this.#folder, path: this.#node });
  }

  m2s2l(...words: string[]): Promise<string> {
    return this.#run(join(this.#folder, 'node_modules/.bin/m2s2l'), ...words);
  }

  /** Scores the footage in the package by a model in it, on the command line. */
  async scoresFile(): Promise<void> {
    const video = 'node_modules/m2s2l/demo/live.mp4';
    const lines = (await this.m2s2l('score', 'upcam-tiny', video)).trimEnd().split('\n');
    const last = JSON.parse(lines.at(-1)!) as { frame: number; score: number };
    if (lines.length < 1000 || last.frame !== lines.length - 1 || !Number.isFinite(last.score))
      throw new Error(`${lines.length} lines, the last ${JSON.stringify(last)}`);
  }

  /** Copies the examples beside the project's own code, and runs those that take seconds. */
  async runsExamples(): Promise<void> {
    await cp(join(this.#folder, 'node_modules/m2s2l/examples'), this.#folder, { recursive: true });
    for (const [name, output] of [
      ['load', /^upcam-tiny: tiny, /m],
      ['score', /^\d+ frames scored$/m],
    ] as const) {
      const text = await this.#run('node', `${name}.ts`);
      if (!output.test(text)) throw new Error(`examples/${name}.ts printed ${text}`);
    }
  }

  /** Checks the examples with TypeScript as strict as it gets, by both ways to resolve modules. */
  async compilesExamples(): Promise<void> {
    const compiler = await this.#tools.program('typescript', 'tsc');
    const files = (await readdir(this.#folder)).filter((name) => name.endsWith('.ts'));
    await this.#run('node', ...(await this.#installTypes()));
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const)
      await this.#run(
        'node',
        compiler,
        ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'],
        ...['--target', 'es2024', '--module', module, '--moduleResolution', resolution],
        ...files,
      );
  }

  async #installTypes(): Promise<string[]> {
    return [await this.#tools.program('npm11'), 'install', '@types/node@^22'];
  }

  /** Serves the demo through the package manager's runner, and ends it by SIGTERM to the runner. */
  async servesDemo(runner: PackageManager): Promise<void> {
    await this.#serving(runner, async (address) => {
      const page = await (await fetch(address)).text();
      if (!page.includes('<script')) throw new Error(`the page is ${page.slice(0, 200)}`);
      await until(async () => {
        const cameras = (await (await fetch(`${address}/api/cameras`)).json()) as {
          state: string;
        }[];
        return cameras[0]?.state === 'watching' || undefined;
      }, 'the demo camera does not watch');
    });
  }

  /** Asks a service by a client that was generated from its own description. */
  async usesApiClient(): Promise<void> {
    await this.#serving('npm11', (address) =>
      usesApiClient(this.#folder, address, this.#node, this.#tools),
    );
  }

  async #serving(runner: PackageManager, work: (address: string) => Promise<void>): Promise<void> {
    const words = ['exec', ...(runner === 'pnpm' ? [] : ['--']), 'm2s2l', 'serve', '--demo'];
    const child = spawn(
      'node',
      [await this.#tools.program(runner), ...words, '--port', '0', '--data', 'cameras'],
      { cwd: this.#folder, env: userEnvironment(this.#node), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
    child.stderr.setEncoding('utf8').on('data', (part) => (text += part));
    const closed = once(child, 'close');
    try {
      const address = await until(() => /serves (http:\S+)/.exec(text)?.[1], `serve: ${text}`);
      await work(address);
      child.kill('SIGTERM');
      await until(
        async () => (await isSilent(address)) || undefined,
        'SIGTERM to the runner left the service running',
      );
    } finally {
      child.kill('SIGKILL');
      await closed;
    }
  }

  /** No package of the install may bring a script that runs on the user's machine. */
  async runsNoScripts(): Promise<void> {
    const lock = JSON.parse(await readFile(join(this.#folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const scripts = Object.entries(lock.packages).filter(
      ([, { hasInstallScript }]) => hasInstallScript,
    );
    if (scripts.length > 0)
      throw new Error(`install scripts in ${scripts.map(([name]) => name).join(', ')}`);
  }
}
