import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { UserError } from '../errors.ts';
import { writeAtomically } from '../files/atomic.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import { type ArchiveResult, scoreArchive } from '../service/jobs/archive.ts';
import { readScores } from '../service/jobs/scores-file.ts';
import { isCameraAddress } from '../video/camera.ts';
import { type Context, Interrupt, print } from './context.ts';
import { corruptNote, plural, rateNote } from './text.ts';

export interface ArchiveWords {
  readonly model: string;
  readonly inputs: readonly string[];
  /** Of the PostgreSQL that the workers share. */
  readonly store: string;
  readonly files: string;
  /** Where the lines go; `-` is stdout. */
  readonly jsonl: string;
  readonly fps: number | undefined;
  readonly regions: readonly PictureRegion[] | undefined;
}

/** Failures that are named; of more, the count. */
const NAMED = 3;

/**
 * Has the workers of a store score files, and writes what they found as `score` itself would.
 * @throws UserError where something is wrong with the words, and at the end with what could not be scored
 */
export async function runArchive(words: ArchiveWords, context: Context): Promise<void> {
  const { model, inputs, store, files, jsonl, fps, regions } = words;
  const { signal, progress } = context;
  await requireUsable(inputs, files);
  const results = await scoreArchive({
    address: store,
    files,
    model,
    videos: inputs,
    fps,
    regions,
    signal,
    onProgress: ({ share, done, all, underWay }) =>
      progress.show({
        what: 'scoring',
        share,
        details: `${done} of ${plural(all, 'file')}, ${underWay} under way`,
      }),
    onNote: (note) => progress.note(note),
  }).catch((error: unknown) => {
    if (error instanceof Interrupt)
      progress.note('the workers go on; the same command again waits for them');
    throw error;
  });
  progress.end();
  if (jsonl === '-') await writeAll(results, print, context);
  else
    await writeAtomically(jsonl, (file) =>
      writeAll(results, (text) => file.writeFile(text), context),
    );
  requireAllScored(results);
}

async function requireUsable(inputs: readonly string[], files: string): Promise<void> {
  const unending = inputs.find((input) => input === '-' || isCameraAddress(input));
  if (unending !== undefined)
    throw new UserError(`${unending}: workers score files alone; leave --store out, or give files`);
  if (files.includes('://') && !isAbsolute(files))
    throw new UserError(`--files ${files}: scores are written to folders only; give a folder`);
  const info = await stat(files).catch(() => undefined);
  if (!info?.isDirectory())
    throw new UserError(
      `--files ${files}: is no folder; name the one that the workers of the store have as theirs`,
    );
}

async function writeAll(
  results: readonly ArchiveResult[],
  write: (text: string) => Promise<void>,
  { signal, progress }: Context,
): Promise<void> {
  for (const result of results) {
    if ('reason' in result) continue;
    const { video, scores } = result;
    const prefix = results.length > 1 ? `{"video":${JSON.stringify(video)},` : '{';
    const lines = readScores(scores);
    let next = await lines.next();
    for (; !next.done; next = await lines.next()) {
      signal.throwIfAborted();
      await write(prefix + next.value.slice(1));
    }
    const { corrupt, fps, rateFrom } = next.value;
    if (rateFrom && rateFrom !== 'video') progress.note(rateNote(video, { fps, rateFrom }));
    if (corrupt.length > 0)
      progress.note(corruptNote(video, corrupt, 'the frame before stands in'));
  }
}

function requireAllScored(results: readonly ArchiveResult[]): void {
  const failed = results.filter((result) => 'reason' in result);
  if (failed.length === 0) return;
  const named = failed.slice(0, NAMED).map(({ video, reason }) =>
    // Most reasons begin with the path already.
    reason.includes(video) ? reason : `${video}: ${reason}`,
  );
  const more = failed.length > NAMED ? `; and ${failed.length - NAMED} more` : '';
  throw new UserError(
    `${failed.length} of ${plural(results.length, 'file')} could not be scored, the others were; the same command tries them again: ${named.join('; ')}${more}`,
  );
}
