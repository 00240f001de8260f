import { Argument, type Command } from 'commander';
import { importDataset, type OfficialDataset } from '../datasets/import/import.ts';
import type { Context } from './context.ts';

export function addImport(program: Command, { signal, progress }: Context): void {
  program
    .command('import')
    .description('Convert the official download of a benchmark to a data set folder.')
    .addArgument(
      new Argument('<kind>', 'which benchmark').choices(['ucsd', 'avenue', 'shanghaitech']),
    )
    .argument('<official-dir>', 'the unpacked download')
    .argument('<out>', 'data set folder to be made')
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l import ucsd UCSD_Anomaly_Dataset.v1p2/UCSDped2 ped2`,
    )
    .action(async (kind: OfficialDataset, officialDir: string, out: string) => {
      await importDataset(kind, officialDir, out, {
        onNote: (note) => progress.note(note),
        onProgress(done, total, clip) {
          signal.throwIfAborted();
          progress.show({ what: 'importing', share: done / total, details: clip });
        },
      });
      progress.end();
      process.stderr.write(`data set: ${out}\n`);
    });
}
