import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completionScript } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/main.ts';
import { Progress } from '../../src/cli/progress.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';

const temporary = temporaryFolders();

const program = createProgram({
  argv: [],
  signal: new AbortController().signal,
  progress: new Progress(),
});

/** What bash offers at the end of some words. */
function offered(...words: string[]): string[] {
  const line = ['m2s2l', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${completionScript('bash', program)}
COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _m2s2l; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.trim().split('\n');
}

describe('completion in bash', () => {
  test.each<[string[], string[]]>([
    [['tr'], ['train']],
    [['train', '--pre'], ['--preset']],
    [
      ['train', '--preset', ''],
      ['tiny', 'small', 'base'],
    ],
    [['serve', '--log', 'd'], ['debug']],
    [['score', '--q'], ['--quiet']],
  ])('%j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  test('offers the data sets of import, and files', () => {
    expect(offered('import', 'sh')).toEqual(['shanghaitech']);
    expect(offered('eval', 'package.j')).toEqual(['package.json']);
  });

  test('keeps a file name with spaces whole', async () => {
    const folder = await temporary();
    await writeFile(join(folder, 'monday morning.mp4'), '');
    expect(offered('score', 'upcam-tiny', join(folder, 'mon'))).toEqual([
      join(folder, 'monday morning.mp4'),
    ]);
  });

  test('offers files where an option takes a path, and nothing where it takes a number', () => {
    expect(offered('train', '--log', 'package.j')).toEqual(['package.json']);
    expect(offered('train', '--epochs', '')).toEqual(['']);
  });
});

test('the script of fish has every command and option once', () => {
  const lines = completionScript('fish', program).trimEnd().split('\n');
  expect(new Set(lines).size).toBe(lines.length);
  for (const command of program.commands) {
    expect(lines.some((line) => line.includes(` -a ${command.name()} `))).toBe(true);
    for (const { long } of command.options)
      expect(lines.some((line) => line.includes(`-l ${long!.slice(2)} `))).toBe(true);
  }
  const of = (option: string) => lines.find((line) => line.includes(` -l ${option} `))!;
  expect(of('epochs')).toContain(' -x ');
  expect(of('out')).toContain(' -rF ');
  expect(of('preset')).toContain(" -xa 'tiny small base' ");
});

test('the script of zsh has every command and option, and completes when it is autoloaded', () => {
  const script = completionScript('zsh', program);
  const [, ...parts] = script.split(/^ {4}(\w+)\)$/m);
  for (const command of program.commands) {
    const branch = parts[parts.indexOf(command.name()) + 1]!;
    for (const { long } of command.options) expect(branch).toContain(` ${long} `);
  }
  expect(script).toMatch(/^#compdef m2s2l\n/);
  // The file is the body of the function on the first call.
  expect(script).toMatch(/if .*funcstack.* = _m2s2l .*then _m2s2l "\$@"/);
});
