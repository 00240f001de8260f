import { type Command, Option } from 'commander';
import { UserError } from '../errors.ts';
import { type Context, print } from './context.ts';
import { plural } from './text.ts';

interface MoveOptions {
  readonly files?: string;
  readonly json?: boolean;
}

export function addStore(program: Command, context: Context): void {
  const store = program
    .command('store')
    .description('Where serve keeps cameras, events and settings: move all of it elsewhere.')
    .addHelpText('after', example);
  store
    .command('move')
    .description(
      'Copy a whole store into an empty one: from a data folder to PostgreSQL, or back. Stop what serves it first.',
    )
    .argument('<from>', 'data folder, or postgres://USER@HOST/DATABASE')
    .argument('<to>', 'the same; it must be empty')
    .addOption(
      new Option(
        '--files <dir>',
        'folder of clips, models and footage beside PostgreSQL; else they stay where the data folder has them',
      ),
    )
    .option('--json', 'print the rows that were moved by table, as JSON')
    .addHelpText('after', example)
    .action((from: string, to: string, options: MoveOptions) => move(from, to, options, context));
}

const example = `
The source stays as it is. The password of PostgreSQL is taken from the environment's PGPASSWORD.

Example:
  $ m2s2l store move m2s2l-data postgres://m2s2l@db.local/m2s2l`;

async function move(
  fromText: string,
  toText: string,
  { files, json }: MoveOptions,
  { signal, progress }: Context,
): Promise<void> {
  // The database's packages take a while to load: only who moves waits for them.
  const [{ storeAddress }, { moveStore }] = await Promise.all([
    import('../service/store/move/sides.ts'),
    import('../service/store/move/move-store.ts'),
  ]);
  const [from, to] = [storeAddress(fromText), storeAddress(toText)];
  if (files?.includes('://'))
    throw new UserError('--files: files are moved from folder to folder; give a folder');
  if (files !== undefined && from.kind === to.kind)
    throw new UserError(
      '--files: names the folder beside PostgreSQL where the other side is a folder',
    );
  const moved = await moveStore({
    from,
    to,
    files,
    signal,
    onProgress: (what, share, details) =>
      progress.show({ what: what === 'files' ? 'copying files' : 'moving rows', share, details }),
  });
  progress.end();
  if (json) {
    await print(`${JSON.stringify({ from: from.name, to: to.name, ...moved }, null, 2)}\n`);
    return;
  }
  const rows = Object.values(moved.rows).reduce((sum, count) => sum + count, 0);
  const { cameras = 0, events = 0 } = moved.rows;
  const kept = moved.folder === null ? 'where they are' : `in ${moved.folder}`;
  await print(
    `Moved ${from.name} to ${to.name}: ${plural(cameras, 'camera')}, ${plural(events, 'event')}, ${plural(rows, 'row')} in all.
Files are ${kept}${moved.copied.count > 0 ? ` (${plural(moved.copied.count, 'file')} copied)` : ''}. ${from.name} is as it was; delete it once the new one serves.
`,
  );
}
