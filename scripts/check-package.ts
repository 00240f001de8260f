/**
 * Packs m2s2l and uses it as its users do, outside of a clone: installs it into empty projects with
 * several package managers and versions of Node.js, scores a file, type-checks and runs the examples,
 * serves the demo, asks it by a generated client, and runs the service by its unit of systemd. It needs the npm registry and nothing else.
 *
 *     npm run check-package [-- npm10 npm11 npm12 pnpm unit]
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Consumer } from './check-package/consumer.ts';
import { runsByItsUnit } from './check-package/deployment.ts';
import { run } from './check-package/run.ts';
import { type NodeVersion, type PackageManager, Tools } from './check-package/tools.ts';

const installs: readonly (readonly [PackageManager, NodeVersion])[] = [
  ['npm10', 'node22'],
  ['npm11', 'node24'],
  ['npm12', 'node24'],
  ['pnpm', 'node22'],
];

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.log(`ok  ${what} (${Math.round((performance.now() - started) / 1000)} s)`);
  return result;
}

const wanted = process.argv.slice(2);
const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'm2s2l-package-'));
// The service runs as another user.
await chmod(folder, 0o755);
try {
  const tools = await step('tools', () => Tools.install(join(folder, 'tools')));
  const tarball = await step('npm pack', async () => {
    const words = ['pack', '--json', '--loglevel=error', '--pack-destination', folder];
    const text = await run('npm', words, { cwd: root });
    return join(folder, /"filename": "(.*)"/.exec(text)![1]!);
  });
  await step('publint', async () => {
    await run('tar', ['-xzf', tarball], { cwd: folder });
    const words = [await tools.program('publint'), '--strict', '--pack', 'false', 'package'];
    await run('node', words, { cwd: folder });
  });
  await step('are the types wrong?', async () => {
    const attw = await tools.program('@arethetypeswrong/cli', 'attw');
    await run('node', [attw, '--profile', 'esm-only', tarball], { cwd: folder });
  });
  if (wanted.length === 0 || wanted.includes('unit'))
    await step('the unit of systemd', () => runsByItsUnit(join(folder, 'machine'), tarball, tools));
  for (const [manager, node] of installs) {
    if (wanted.length > 0 && !wanted.includes(manager)) continue;
    const name = `${manager} on ${node}`;
    const consumer = await step(`${name}: install`, () =>
      Consumer.install(join(folder, `${manager}-${node}`), tarball, manager, node, tools),
    );
    await step(`${name}: score`, () => consumer.scoresFile());
    await step(`${name}: examples`, () => consumer.runsExamples());
    await step(`${name}: serve --demo, SIGTERM`, () => consumer.servesDemo(manager));
    if (manager === 'npm11') {
      await step(`${name}: no install scripts`, () => consumer.runsNoScripts());
      await step(`${name}: types`, () => consumer.compilesExamples());
      await step(`${name}: a generated client`, () => consumer.usesApiClient());
    }
    await rm(join(folder, `${manager}-${node}`), { recursive: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
