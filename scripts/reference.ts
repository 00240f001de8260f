/**
 * Makes docs/reference from the docstrings of the public names, by typedoc from the npm registry. It
 * needs an earlier TypeScript than this project, so it is installed in a temporary folder.
 * `--check` only says whether the reference is up to date. Any warning of typedoc fails.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const reference = join(root, 'docs/reference');
const packages = ['typedoc@0.28.20', 'typedoc-plugin-markdown@4.14.1', 'typescript@~6.0.0'];

const contents = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path.slice(folder.length)}\n${readFileSync(path, 'utf8')}`)
    .join('\n');

const tools = mkdtempSync(join(tmpdir(), 'm2s2l-typedoc-'));
try {
  execFileSync('npm', ['install', '--prefix', tools, '--no-audit', '--no-fund', ...packages], {
    cwd: tools,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const made = join(tools, 'reference');
  const typedoc = join(tools, 'node_modules/typedoc/bin/typedoc');
  execFileSync(
    process.execPath,
    [
      ...[typedoc, '--plugin', join(tools, 'node_modules/typedoc-plugin-markdown/dist/index.js')],
      ...['--options', join(root, 'typedoc.json'), '--out', made],
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (!process.argv.includes('--check')) {
    rmSync(reference, { recursive: true, force: true });
    cpSync(made, reference, { recursive: true });
  } else if (contents(made) !== contents(reference)) {
    console.error('docs/reference is not up to date: npm run docs');
    process.exitCode = 1;
  }
} finally {
  rmSync(tools, { recursive: true, force: true });
}
