import { type Command, InvalidArgumentError } from 'commander';
import type { LogLevel } from '../service/log/log.ts';
import type { Context } from './context.ts';
import { logLevels, serviceOption as option, portNumber } from './service-options.ts';

export interface WorkerOptions {
  readonly store?: string;
  readonly files: string;
  readonly data: string;
  readonly cameras?: number;
  readonly name?: string;
  readonly host?: string;
  readonly port: number;
  readonly log: LogLevel;
}

export function addWorker(program: Command, context: Context): void {
  program
    .command('worker')
    .description('Score and learn some of the cameras that several machines share.')
    .addOption(option('--store <address>', 'PostgreSQL database of the fleet, as postgres://…'))
    .addOption(
      option(
        '--files <place>',
        'place of clips, models and footage, which all machines share: a folder, or s3://BUCKET/PREFIX',
      ).default('m2s2l-data'),
    )
    .addOption(
      option('--data <dir>', 'with files in S3: folder of this machine, a cache of them').default(
        'm2s2l-data',
      ),
    )
    .addOption(
      option('--cameras <n>', 'cameras to take at most, else its fair share').argParser(
        cameraNumber,
      ),
    )
    .addOption(option('--name <name>', 'what people call it, else the name of the machine'))
    .addOption(
      option(
        '--host <address>',
        'address to listen on for servers of the fleet, else the one by which it reaches the database',
      ),
    )
    .addOption(
      option('--port <n>', 'port to listen on, else any that is free')
        .argParser(portNumber)
        .default(0),
    )
    .addOption(
      option('--log <level>', 'what is logged on stderr, as JSON lines')
        .choices([...logLevels])
        .default('warn'),
    )
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l worker --store postgres://m2s2l@db/m2s2l --files /srv/m2s2l

Ctrl-C or SIGTERM gives its cameras back first: other workers take them up within seconds.`,
    )
    .action(async (options: WorkerOptions) => {
      const { work } = await import('./work-until-interrupted.ts');
      await work(options, context);
    });
}

function cameraNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 10000.');
  return value;
}
