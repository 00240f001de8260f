import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { completionScript } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/main.ts';
import { Progress } from '../../src/cli/progress.ts';

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

  test('offers benchmarks of import, and files', () => {
    expect(offered('import', 'sh')).toEqual(['shanghaitech']);
    expect(offered('eval', 'package.j')).toEqual(['package.json']);
  });
});

test('fish is told every command and option once', () => {
  const lines = completionScript('fish', program).trimEnd().split('\n');
  expect(new Set(lines).size).toBe(lines.length);
  for (const command of program.commands) {
    expect(lines.some((line) => line.includes(` -a ${command.name()} `))).toBe(true);
    for (const { long } of command.options)
      expect(lines.some((line) => line.includes(`-l ${long!.slice(2)} `))).toBe(true);
  }
});

test('zsh gets the script of bash by its bashcompinit', () => {
  expect(completionScript('zsh', program)).toMatch(/^#compdef m2s2l\n.*bashcompinit/);
});
