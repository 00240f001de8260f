import { Argument, type Command } from 'commander';
import { UnknownCase, UserError } from '../errors.ts';
import { print } from './context.ts';

const actions = ['schema', 'example', 'check'] as const;
type Action = (typeof actions)[number];

export function addConfig(program: Command): void {
  program
    .command('config')
    .description(
      'The configuration file of serve: its schema, an example, and everything wrong in one.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices([...actions]))
    .argument('[file]', 'the file to check')
    .addHelpText(
      'after',
      `
schema   prints a JSON Schema, by which editors complete and check the file; write it beside the file
example  prints a file that shows what it can hold
check    reads a file, and those that it names, and says all that is wrong in it

Example:
  $ m2s2l config check m2s2l.json`,
    )
    .action(async (action: Action, file: string | undefined) =>
      print(await answerOf(action, file)),
    );
}

async function answerOf(action: Action, file: string | undefined): Promise<string> {
  switch (action) {
    case 'schema': {
      const { configurationSchema } = await import('../service/config/configuration-schema.ts');
      return `${JSON.stringify(configurationSchema(), null, 2)}\n`;
    }
    case 'example': {
      const { exampleConfiguration } = await import('../service/config/example.ts');
      return `${JSON.stringify(exampleConfiguration, null, 2)}\n`;
    }
    case 'check':
      if (file === undefined) throw new UserError('config check: give the file to check');
      return checked(file);
    default:
      throw new UnknownCase(action satisfies never);
  }
}

/** @throws UserError with all that is wrong, a line each on stdout before it */
async function checked(file: string): Promise<string> {
  const { checkConfigurationFile } = await import('../service/config/configuration.ts');
  const { configuration, faults } = await checkConfigurationFile(file);
  if (!configuration) {
    await print(faults.map((fault) => `${fault}\n`).join(''));
    throw new UserError(
      `${file}: ${faults.length === 1 ? '1 thing is' : `${faults.length} things are`} wrong`,
    );
  }
  const { cameras, notifications } = configuration;
  const channels = notifications?.channels.length ?? 0;
  return `${file}: good; cameras: ${cameras.length}, channels: ${channels}\n`;
}
