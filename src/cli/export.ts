import { join } from 'node:path';
import type { Command } from 'commander';
import { CLIP_FILE, EXPORT_FILE, exportModel, STREAM_FILE } from '../export/export.ts';
import { type Context, print } from './context.ts';

export function addExport(program: Command, { progress }: Context): void {
  program
    .command('export')
    .description('Write a model as standard ONNX, for other runtimes and for browsers.')
    .argument('<model>', 'model folder')
    .argument('<out>', 'folder to be made')
    .addHelpText(
      'after',
      `
The folder holds ${STREAM_FILE} (one more frame, with its state as inputs and outputs), ${CLIP_FILE} (one
clip) and ${EXPORT_FILE} (names, shapes, what frames must look like, statistics and threshold).

Example:
  $ m2s2l export out/model out/onnx`,
    )
    .option('--json', `print what ${EXPORT_FILE} holds`)
    .action(async (model: string, out: string, { json }: { json?: boolean }) => {
      const description = await exportModel(model, out);
      if (json) {
        await print(`${JSON.stringify(description)}\n`);
        return;
      }
      const names = [STREAM_FILE, CLIP_FILE, EXPORT_FILE];
      progress.note(`written: ${names.map((name) => join(out, name)).join(', ')}`);
    });
}
