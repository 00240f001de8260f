import type { Command } from 'commander';
import type { LogLevel } from '../service/log/log.ts';
import type { Context } from './context.ts';
import { logLevels, serviceOption as option, portNumber } from './service-options.ts';

export interface ServeOptions {
  readonly data: string;
  readonly store?: string;
  readonly files?: string;
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
    .description('Watch cameras and report events: the live service, with a web page.')
    .addOption(
      option(
        '--data <dir>',
        'folder of all that is kept; with files in S3 a cache of them',
      ).default('m2s2l-data'),
    )
    .addOption(
      option(
        '--store <address>',
        'PostgreSQL database that several machines share, as postgres://…; cameras then live at workers',
      ),
    )
    .addOption(
      option(
        '--files <place>',
        'with --store: place of all other files, which all machines share: a folder, or s3://BUCKET/PREFIX',
      ),
    )
    .addOption(
      option(
        '--config <file>',
        'JSON file of cameras and settings, which the page then cannot change',
      ),
    )
    .addOption(
      option(
        '--host <address>',
        'address to listen on, else 127.0.0.1; on others a token is needed',
      ),
    )
    .addOption(option('--port <n>', 'port to listen on, else 8480').argParser(portNumber))
    .addOption(
      option(
        '--trust-proxy [addresses]',
        'believe what a proxy says of its clients, and need a token from all: its addresses, else this machine',
      ).argParser(proxies),
    )
    .addOption(option('--base-path <path>', 'where a proxy serves the page, as /cameras/'))
    .addOption(option('--public-url <url>', 'address at which people reach the page, for links'))
    .addOption(option('--demo', 'add a camera that plays bundled footage, where there is none yet'))
    .addOption(option('--new-token', 'make another token of an admin and print it'))
    .addOption(
      option('--log <level>', 'what is logged on stderr, as JSON lines')
        .choices([...logLevels])
        .default('warn'),
    )
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l serve --data cameras --port 8480

An option that is not given is taken from the environment variable in brackets. Secrets of the
JSON file may lie in files of their own: {"fromFile": "/run/secrets/mqtt"}.`,
    )
    .action(async (options: ServeOptions) => {
      // The service's packages take a while to load: only who serves waits for them.
      const { serve } = await import('./serve-until-interrupted.ts');
      await serve(options, context);
    });
}

/** Addresses of proxies; the environment says 1 where the command line gives none. */
const proxies = (text: string): true | string[] =>
  /^(1|true|yes|on)$/i.test(text) || text.split(',');
