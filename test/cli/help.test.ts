import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/main.ts';
import { Progress } from '../../src/cli/progress.ts';

/** The command line with commands that do nothing. */
function idleProgram() {
  const context = { argv: [], signal: new AbortController().signal, progress: new Progress() };
  const program = createProgram(context);
  const ran: string[] = [];
  for (const command of program.commands)
    for (const leaf of command.commands.length > 0 ? command.commands : [command])
      leaf.action(() => void ran.push(command.name()));
  return { program, ran };
}

function helpOf(name: string | undefined): string {
  const { program } = idleProgram();
  let text = '';
  const command = name === undefined ? program : program.commands.find((c) => c.name() === name)!;
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  return text;
}

describe('help', () => {
  const names = [
    'train',
    'eval',
    'score',
    'rehearse',
    'serve',
    'store',
    'worker',
    'info',
    'inspect',
    'quantise',
    'export',
    'import',
    'bench',
    'config',
    'completion',
  ];

  test('names every command of the contract', () => {
    expect(idleProgram().program.commands.map((command) => command.name())).toEqual(names);
  });

  test.each([undefined, ...names])('of %s has an example that parses', (name) => {
    const examples = [...helpOf(name).matchAll(/^ {2}\$ m2s2l (.*)$/gm)].map((match) => match[1]!);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const { program, ran } = idleProgram();
      program.parse(example.split(' '), { from: 'user' });
      expect(ran).toEqual([example.split(' ')[0]]);
    }
  });

  test.each([
    ['train', ['--out', '--preset', '--task', '--epochs', '--minutes', '--seed', '--device']],
    ['train', ['--batch', '--resume', '--size', '--channels', '--alarms-per-hour', '--fps']],
    ['score', ['-q, --quiet']],
    ['export', ['--json']],
    ['train', ['--model', '--training', '--log']],
    ['eval', ['--json', '--report', '--device', '--fps']],
    ['inspect', ['--frames', '--json', '--report', '--device', '--fps']],
    ['score', ['--jsonl', '--overlay', '--regions', '--device', '--fps']],
    ['serve', ['--data', '--config', '--host', '--port', '--demo', '--new-token', '--log']],
    ['info', ['--preset', '--json']],
    ['quantise', ['--fps', '--json']],
    ['bench', ['--preset', '--json', '--device', '--int8']],
  ])('of %s tells %j', (name, options) => {
    const help = helpOf(name);
    for (const option of options) expect(help).toMatch(new RegExp(`^  ${option}\\b`, 'm'));
  });
});
