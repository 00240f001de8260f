import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/cli/main.ts';
import { Progress } from '../src/cli/progress.ts';

const root = join(import.meta.dirname, '..');
const program = createProgram({
  argv: [],
  signal: new AbortController().signal,
  progress: new Progress(),
});
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...(await readdir(join(root, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const decisions = (await readdir(join(root, 'docs/decisions'))).map((name) =>
  join('docs/decisions', name),
);

const textOf = async (page: string) =>
  (await readFile(join(root, page), 'utf8')).replaceAll(/\\\n\s*/g, ' ');

/** The ids that a page's headings have on a public forge. */
const anchorsOf = async (page: string): Promise<Set<string>> => {
  const text = (await textOf(page)).replaceAll(/^```[\s\S]*?^```/gm, '');
  const ids = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(ids);
};

/** Words of each `m2s2l …` in a page's blocks and inline code, up to a comment, a pipe or another command. */
async function commandsOf(page: string): Promise<string[][]> {
  const text = await textOf(page);
  const code = [...text.matchAll(/^```\w*\n([\s\S]*?)^```|`([^`\n]+)`/gm)].map(
    ([, block, inline]) => block ?? inline!,
  );
  return code.flatMap((part) =>
    [...part.matchAll(/(?:^|&& |\$ |npx )m2s2l ([a-z]+\b[^\n]*)/gm)].map(([, words]) =>
      words!.split(/ #| && | \| | > |\s{2,}#/)[0]!.split(/\s+/),
    ),
  );
}

describe.each(pages)('%s', (page) => {
  test('names commands and options that there are', async () => {
    for (const [name, ...words] of await commandsOf(page)) {
      const group = program.commands.find((one) => one.name() === name);
      expect(group, `m2s2l ${name}`).toBeDefined();
      const command = group!.commands.find((one) => one.name() === words[0]) ?? group;
      const known = command!.options.flatMap(({ long, short }) => [long, short]);
      const flags = words.flatMap((word) => /^\[?(--?[a-z][\w-]*)/.exec(word)?.[1] ?? []);
      for (const flag of flags)
        expect([...known, '--help'], `m2s2l ${name} ${flag}`).toContain(flag);
    }
  });

  test('names scripts of npm that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    for (const [, name] of (await textOf(page)).matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts), `npm run ${name}`).toContain(name);
  });

  test('names files of the repository that there are', async () => {
    const named = /`((?:src|test|scripts|dashboard|deploy|examples)\/[\w./-]+)`/g;
    for (const [, path] of (await textOf(page)).matchAll(named))
      expect(existsSync(join(root, path!)), path).toBe(true);
  });
});

describe.each([...pages, ...decisions])('links of %s', (page) => {
  test('lead to files and headings that there are', async () => {
    const text = (await textOf(page)).replaceAll(/^```[\s\S]*?^```/gm, '');
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^\w+:/.test(link!)) continue;
      const [path, anchor] = link!.split('#');
      const target = path ? join(page, '..', path) : page;
      expect(existsSync(join(root, target)), link).toBe(true);
      if (anchor && target.endsWith('.md'))
        expect([...(await anchorsOf(target))], link).toContain(anchor);
    }
  });
});

test('the page on deployment has every option of serve with its variable', async () => {
  const text = await textOf('docs/deployment.md');
  const serve = program.commands.find((command) => command.name() === 'serve')!;
  for (const { long } of serve.options.filter(({ long }) => long !== '--quiet')) {
    const variable = `M2S2L_${long!.slice(2).toUpperCase().replaceAll('-', '_')}`;
    expect(text).toMatch(new RegExp(`^\\| \`${long}\` +\\| \`${variable}\` +\\|`, 'm'));
  }
});
