import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Sets that others may add to: codes of the system and of SQLite, messages of a broker, keys. */
const OPEN_SETS = /^(?:code|errcode|payload|key|\(error as NodeJS\.ErrnoException\)\.code)$/;

const PROVEN = /default:\n\s*throw new \w+\([\s\S]* satisfies never\b[\s\S]*\);$/;

interface Switch {
  readonly over: string;
  readonly body: string;
}

/** All switches of a text that is formatted: one ends at the first brace of its own indentation. */
function switchesOf(text: string): Switch[] {
  return [...text.matchAll(/^( *)(?:.*\b)?switch \((.*)\) \{\n([\s\S]*?)\n\1\}/gm)].map(
    ([, , over, body]) => ({ over: over!, body: body! }),
  );
}

const isClosed = ({ over, body }: Switch): boolean => OPEN_SETS.test(over) || PROVEN.test(body);

async function sources(): Promise<string[]> {
  const folders = ['src', 'dashboard/src'].map(async (folder) => {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.(?:ts|svelte)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  });
  return (await Promise.all(folders)).flat();
}

test('a switch that lets through what it does not know is seen', () => {
  const open = 'function f(a: A) {\n  switch (a.kind) {\n    case 1:\n      return;\n  }\n}\n';
  const ending = (last: string) =>
    open.replace('return;\n', `return;\n    default:\n      ${last}\n`);
  expect(switchesOf(open).map(isClosed)).toEqual([false]);
  expect(switchesOf(ending('return;')).map(isClosed)).toEqual([false]);
  expect(switchesOf(ending('a satisfies never;')).map(isClosed)).toEqual([false]);
  expect(switchesOf(ending('throw new UnknownCase(a satisfies never);')).map(isClosed)).toEqual([
    true,
  ]);
});

test('every switch over cases of our own ends in a proof that none is left, and a throw', async () => {
  const open: string[] = [];
  let found = 0;
  for (const file of await sources()) {
    const text = await readFile(file, 'utf8');
    const switches = switchesOf(text);
    expect(switches.length, file).toBe([...text.matchAll(/\bswitch \(/g)].length);
    found += switches.length;
    for (const one of switches)
      if (!isClosed(one)) open.push(`${relative(root, file)}: switch (${one.over})`);
  }
  expect(open).toEqual([]);
  expect(found).toBeGreaterThan(10);
});
