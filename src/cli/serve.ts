import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LogLevel } from '../service/log/log.ts';
import type { Context } from './context.ts';

const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

export interface ServeOptions {
  readonly data: string;
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly trustProxy?: boolean | readonly string[];
  readonly basePath?: string;
  readonly publicUrl?: string;
  readonly demo?: boolean;
  readonly newToken?: boolean;
  readonly log: LogLevel;
}

export function addServe(program: Command, context: Context): void {
  program
    .command('serve')
    .description('Watch cameras and tell of events: the live service, with a page to look at.')
    .option('--data <dir>', 'folder of all that is kept', 'm2s2l-data')
    .option(
      '--config <file>',
      'JSON file of cameras and settings, which the page then cannot change',
    )
    .option('--host <address>', 'address to listen on, else 127.0.0.1; on others a token is needed')
    .option('--port <n>', 'port to listen on, else 8480', portNumber)
    .option(
      '--trust-proxy [addresses]',
      'believe what a proxy says of its clients, and need a token from all: its addresses, else this machine',
      (text: string) => text.split(','),
    )
    .option('--base-path <path>', 'where a proxy serves the page, as /cameras/')
    .option('--public-url <url>', 'address at which people reach the page, for links')
    .option('--demo', 'add a camera that plays bundled footage, where there is none yet')
    .option('--new-token', 'make another token of an admin and print it')
    .addOption(
      new Option('--log <level>', 'what is told on stderr, as JSON lines')
        .choices([...logLevels])
        .default('warn'),
    )
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l serve --data cameras --port 8480`,
    )
    .action(async (options: ServeOptions) => {
      // The service's packages take a while to load: only who serves waits for them.
      const { serve } = await import('./serve-until-interrupted.ts');
      await serve(options, context);
    });
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535)
    throw new InvalidArgumentError('It must be a whole number from 0 (any that is free) to 65535.');
  return value;
}
