import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { routes } from '../../../src/service/api/routes.ts';

test('docs/api.md has every route as it is, and no other', async () => {
  const text = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| *([A-Z]+) *\| *`(\/.*?)` *\| *(\w+) *\| *(.*?) *\|$/gm)];
  expect(rows.map(([, ...row]) => row)).toEqual(
    routes.map(({ method, path, role, summary }) => [method, path, role, summary]),
  );
});
