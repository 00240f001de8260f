import { createWriteStream, existsSync } from 'node:fs';
import { glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { diskError } from '../files/atomic.ts';
import { isCameraAddress } from '../video/camera.ts';

/** What the command line calls its standard input. */
const STDIN = '-';

/**
 * The inputs that some words name: patterns such as `*.mp4`, which some shells leave to the program,
 * are expanded in natural order; what exists by its very name is no pattern.
 * @throws UserError where a pattern matches nothing
 */
export async function expandInputs(words: readonly string[]): Promise<string[]> {
  const inputs: string[] = [];
  for (const word of words) {
    if (word === STDIN || !/[*?[{]/.test(word) || word.includes('://') || existsSync(word)) {
      inputs.push(word);
      continue;
    }
    const matches: string[] = [];
    for await (const match of glob(word)) matches.push(match);
    if (matches.length === 0) throw new UserError(`${word}: matches no file`);
    inputs.push(...matches.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
  }
  const twice = inputs.find((input, i) => input === STDIN && inputs.indexOf(STDIN) < i);
  if (twice) throw new UserError('-: standard input can be read only once');
  return inputs;
}

/**
 * Gives the work a path to read an input from. Standard input is first written to a temporary file,
 * since a video is read more than once; the file is gone afterwards.
 * @throws UserError where nothing comes on standard input, or the disk is full
 */
export async function withInput<T>(
  input: string,
  signal: AbortSignal,
  work: (path: string) => Promise<T>,
): Promise<T> {
  if (input !== STDIN) return work(input);
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-stdin-'));
  try {
    const path = join(folder, 'standard-input');
    const file = createWriteStream(path);
    await pipeline(process.stdin, file, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw diskError(error, path);
    });
    if (file.bytesWritten === 0) throw new UserError('-: nothing came on standard input');
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Gives the work the paths of footage that some words name, as {@link expandInputs} and
 * {@link withInput} do. It is read to its end, which a camera's has not.
 * @throws UserError as these do, and where a word is the address of a camera
 */
export async function withFootage<T>(
  words: readonly string[],
  signal: AbortSignal,
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const inputs = await expandInputs(words);
  const camera = inputs.find(isCameraAddress);
  if (camera !== undefined)
    throw new UserError(
      `${camera}: is the address of a camera, whose footage has no end; record it to a file first`,
    );
  if (!inputs.includes(STDIN)) return work(inputs);
  return withInput(STDIN, signal, (path) =>
    work(inputs.map((input) => (input === STDIN ? path : input))),
  );
}

/**
 * One output file in `folder` for each input, named after it.
 * @throws UserError where two would have the same name
 */
export function outputPaths(
  inputs: readonly string[],
  folder: string,
  extension: string,
): string[] {
  const names = inputs.map((input) =>
    input === STDIN ? 'stdin' : basename(input, extname(input)) || 'video',
  );
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new UserError(
      `${join(folder, twice + extension)}: two inputs would be written there; score them one by one`,
    );
  return names.map((name) => join(folder, name + extension));
}
