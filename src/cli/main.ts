import { Command, CommanderError } from 'commander';
import { UserError } from '../errors.ts';
import { version } from '../version.ts';
import { addBench } from './bench.ts';
import { addCompletion } from './completion.ts';
import { addConfig } from './config.ts';
import { type Context, Interrupt } from './context.ts';
import { addEval } from './eval.ts';
import { addExport } from './export.ts';
import { addImport } from './import.ts';
import { addInfo } from './info.ts';
import { addInspect } from './inspect.ts';
import { runByPackageManager, whenOrphaned } from './parent.ts';
import { Progress } from './progress.ts';
import { addQuantise } from './quantise.ts';
import { addRehearse } from './rehearse.ts';
import { addScore } from './score.ts';
import { addServe } from './serve.ts';
import { addStore } from './store.ts';
import { printable } from './text.ts';
import { addTrain } from './train.ts';
import { addWorker } from './worker.ts';

/** The whole command line. Its commands run when it parses their arguments. */
export function createProgram(context: Context): Command {
  const program = new Command('m2s2l')
    .description(
      'Learned video anomaly detection for a fixed camera: train on ordinary footage, then say what is not normal, where and why.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l train demo/upcam --out out/model --preset tiny --minutes 1
  $ m2s2l eval out/model demo/upcam --report out/report`,
    );
  addTrain(program, context);
  addEval(program, context);
  addScore(program, context);
  addRehearse(program, context);
  addServe(program, context);
  addStore(program, context);
  addWorker(program, context);
  addInfo(program);
  addInspect(program, context);
  addQuantise(program, context);
  addExport(program, context);
  addImport(program, context);
  addBench(program, context);
  addConfig(program);
  addCompletion(program);
  for (const command of program.commands.flatMap((one) =>
    one.commands.length > 0 ? one.commands : one,
  ))
    command.option('-q, --quiet', 'print results and errors alone, no progress and no notes');
  program.hook('preAction', (_, command) => {
    context.progress.quiet = command.opts().quiet === true;
  });
  return program;
}

/**
 * Runs a command line and gives its exit code: 0, 2 after a user error (one line
 * on stderr), 130 after Ctrl-C, 1 after an internal error.
 * @param argv without `node` and the program
 * @param parent `process.ppid`, read before this module was loaded
 */
export async function run(argv: readonly string[], parent = process.ppid): Promise<number> {
  const interruption = new AbortController();
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    const interrupt = new Interrupt(signal);
    if (interruption.signal.aborted) process.exit(interrupt.exitCode);
    interruption.abort(interrupt);
  };
  // Without a listener a closed pipe would end the process with a stack trace; `print` reports it.
  const onPipeError = () => undefined;
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const stopLooking = runByPackageManager()
    ? whenOrphaned(parent, () => onSignal('SIGTERM'))
    : () => undefined;
  process.stdout.on('error', onPipeError);
  process.stderr.on('error', onPipeError);
  const progress = new Progress();
  try {
    await createProgram({ argv, signal: interruption.signal, progress }).parseAsync(argv, {
      from: 'user',
    });
    progress.end();
    return 0;
  } catch (error) {
    progress.end();
    return exitCode(error);
  } finally {
    stopLooking();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.stdout.off('error', onPipeError);
    process.stderr.off('error', onPipeError);
  }
}

function exitCode(error: unknown): number {
  // Commander has said it already: 0 is help or the version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interrupt) return error.exitCode;
  if (error instanceof UserError) {
    process.stderr.write(oneLine(error.commandLine));
    return 2;
  }
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0;
  process.stderr.write(`m2s2l: internal error\n${(error as Error).stack ?? error}\n`);
  return 1;
}

function oneLine(message: string): string {
  const text = message.replace(/^error: /, '').trim();
  return `m2s2l: ${printable(text.replaceAll(/\s*\n\s*/g, ' '))}\n`;
}
