import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/files/safetensors.ts';
import { writePicture, writeVideo } from '../video/footage.ts';
import { type Ended, listing, m2s2l, readJson } from './command-line.ts';
import {
  quickTraining,
  sharedFolder,
  size,
  swinging,
  testing,
  writeDataset,
  writeLabels,
} from './footage.ts';

const LONG = 'a'.repeat(300);

const ONE = 'data/testing/videos/01.mp4';

/** What is said of weights that are numbers and whose sums are none. */
const OVERFLOW = /the model's \w+ errors are not finite: .*train it again/;

describe('bad input gives one line and exit code 2, and leaves nothing behind:', {
  timeout: 60_000,
}, () => {
  const folder = sharedFolder(async (cwd) => {
    await writeDataset(cwd);
    await m2s2l(['train', 'data', '--out', 'model', ...quickTraining], { cwd });
    await m2s2l(['quantise', 'model', 'data', 'int8'], { cwd });
    await writeBadData(cwd);
    await writeBadModels(cwd);
  });

  // Of an option that is given twice the last one counts.
  const train = (data: string, ...more: string[]) => [
    ...['train', data, '--out', 'new', ...quickTraining, ...more],
  ];

  test.each<[string, string[], RegExp]>([
    ['train: no such path', train('nowhere'), /nowhere: does not exist/],
    ['eval: no such model', ['eval', 'nowhere', 'data'], /nowhere: does not exist/],
    ['eval: no such data', ['eval', 'model', 'nowhere'], /nowhere: does not exist/],
    [
      'score: a camera and a file',
      ['score', 'model', 'rtsp://me:secret@127.0.0.1:1/', 'data/testing/videos/01.mp4'],
      /^m2s2l: a camera among several inputs: .* score it alone$/m,
    ],
    ['score: no such video', ['score', 'model', 'nowhere.mp4'], /nowhere.mp4: does not exist/],
    [
      'score: a name with control characters',
      ['score', 'model', 'a\u001b]0;b\u0007.mp4'],
      /^m2s2l: a\?\]0;b\?\.mp4: does not exist$/m,
    ],
    ['score: a name that is too long', ['score', 'model', LONG], /a: the name is too long/],
    ['eval: a name that is too long', ['eval', 'model', LONG], /a: the name is too long/],
    ['eval: a --report too long', ['eval', 'model', 'data', '--report', LONG], /name is too long/],
    ['export: an output too long', ['export', 'model', LONG], /a: the name is too long/],
    ['train: an --out too long', train('data', '--out', LONG), /a: the name is too long/],
    ['serve: a --data too long', ['serve', '--data', LONG], /service.db: the name is too long/],
    [
      'serve: a --config too long',
      ['serve', '--data', 'new', '--config', LONG],
      /a: the name is too long/,
    ],
    ['info: no such model', ['info', 'nowhere'], /nowhere: does not exist; .*upcam-tiny/],
    ['export: no such model', ['export', 'nowhere', 'new'], /nowhere: does not exist/],
    ['quantise: no such model', ['quantise', 'nowhere', 'data', 'new'], /nowhere: does not exist/],
    ['quantise: no such data', ['quantise', 'model', 'nowhere', 'new'], /nowhere: does not exist/],
    ['inspect: no such model', ['inspect', 'nowhere', 'data'], /nowhere: does not exist/],
    ['inspect: no such data', ['inspect', 'model', 'nowhere'], /nowhere: does not exist/],
    [
      'inspect: a report over something else',
      ['inspect', 'model', 'data', '--report', 'model'],
      /model: holds/,
    ],
    ['inspect: no frames', ['inspect', 'model', 'data', '--frames', '0'], /whole number above 0/],
    [
      'train: no such --model',
      train('data', '--model', 'no.json'),
      /--model no.json: does not exist/,
    ],
    [
      'train: a wrong --model',
      train('data', '--model', '{"strides": 1}'),
      /--model: wrong at the top/,
    ],
    [
      'train: a wrong --training',
      train('data', '--training', '{"batch": 0}'),
      /--training: wrong at batch/,
    ],
    ['train: a --log over something', train('data', '--log', 'model/model.json'), /exists already/],
    ['import: no such download', ['import', 'ucsd', 'nowhere', 'new'], /nowhere: does not exist/],

    ['train: an empty folder', train('empty'), /empty: the folder is empty/],
    ['eval: an empty data set', ['eval', 'model', 'empty'], /empty: the folder is empty/],
    ['score: an empty folder', ['score', 'model', 'empty'], /empty: the folder is empty/],
    ['info: an empty folder', ['info', 'empty'], /empty: is not a model folder/],
    [
      'import: an empty folder',
      ['import', 'avenue', 'empty', 'new'],
      /empty.training_videos: is missing/,
    ],

    ['train: a clip too short', train('short'), /short.*5 frames.*at least \d+/],
    ['eval: a clip too short', ['eval', 'model', 'short'], /01.mp4: has 5 frames.*at least \d+/],
    [
      'score: a video too short',
      ['score', 'model', 'short/testing/videos/01.mp4', '--jsonl', 'x.jsonl', '--overlay', 'x.mp4'],
      /01.mp4: has 5 frames.*at least \d+/,
    ],

    ['train: no video', train('text.mp4'), /text.mp4: /],
    ['train: a folder with no video', train('texts'), /texts.*text.mp4: /],
    ['eval: no video', ['eval', 'model', 'no-video'], /01.mp4: /],
    ['score: no video', ['score', 'model', 'text.mp4', '--jsonl', 'x.jsonl'], /text.mp4: /],

    ['train: mixed sizes', train('mixed'), /mixed: the frames are of mixed sizes/],
    ['score: mixed sizes', ['score', 'model', 'mixed', '--overlay', 'x.mp4'], /mixed sizes/],

    [
      'eval: too few labels',
      ['eval', 'model', 'labels', '--report', 'x'],
      /50 frames but 49 labels/,
    ],
    ['eval: no testing clips', ['eval', 'model', 'short.mp4'], /short.mp4: has no testing clips/],

    ['export: a model without weights', ['export', 'no-weights', 'new'], /weights.* is missing/],
    ['a model without weights', ['eval', 'no-weights', 'data'], /weights.safetensors: is missing/],
    [
      'a model without model.json',
      ['info', 'no-description'],
      /no-description: .*model.json is missing/,
    ],
    ['a model of other sizes', ['info', 'sizes'], /weights.safetensors: weight '.*' is \[\d/],
    [
      'a model with NaN',
      ['score', 'nan', 'short.mp4'],
      /weight '.*' holds values that are not finite/,
    ],
    [
      'score: weights that overflow',
      ['score', 'overflow', ONE, '--jsonl', 'x.jsonl', '--overlay', 'x.mp4'],
      OVERFLOW,
    ],
    ['eval: weights that overflow', ['eval', 'overflow', 'data', '--report', 'x'], OVERFLOW],
    ['rehearse: weights that overflow', ['rehearse', 'overflow', ONE, '--report', 'x'], OVERFLOW],
    ['inspect: weights that overflow', ['inspect', 'overflow', 'data', '--report', 'x'], OVERFLOW],
    ['a newer model', ['eval', 'newer', 'data'], /model.json: is of format 99.*update m2s2l/],
    [
      'a model of an earlier form',
      ['eval', 'older', 'data'],
      /older.model.json: is of format 1, .*train it again with this one/,
    ],
    ['a damaged model.json', ['info', 'damaged'], /model.json: is not JSON/],

    ['an unknown preset', ['info', '--preset', 'huge'], /'huge' is invalid.*tiny, small, base/],
    [
      'an unknown task',
      train('data', '--task', 'guess'),
      /'guess' is invalid.*reconstruct, predict/,
    ],
    ['an unknown device', train('data', '--device', 'abacus'), /'abacus' is invalid.*cpu, webgpu/],
    [
      'a device that is not there',
      train('data', '--device', 'cuda'),
      /--device cuda: cannot be used/,
    ],
    ['an unknown command', ['tarin'], /unknown command 'tarin'/],
    ['an unknown option', ['info', '--presto'], /unknown option '--presto'/],
    ['a missing argument', ['eval', 'model'], /missing required argument 'data'/],
    ['a size that does not divide', train('data', '--size', '33x32'), /multiples of 16/],
    ['a length that is none', train('data', '--epochs', '-1'), /must be a number above 0/],
    ['a batch of none', train('data', '--batch', '0'), /must be a whole number above 0/],
    ['a batch too large', train('data', '--batch', '257'), /must be at most 256/],
    ['info without a model', ['info'], /give either a model folder or --preset/],

    [
      'train: --out holds a model',
      train('data', '--out', 'model'),
      /model: .*holds a model already/,
    ],
    ['train: --out holds else', train('data', '--out', 'texts'), /texts: .*holds something else/],
    ['train: --out is a file', train('data', '--out', 'text.mp4'), /text.mp4: is a file/],
    ['train: nothing to resume', train('data', '--resume'), /new: holds no unfinished training/],
    [
      'eval: --report holds else',
      ['eval', 'model', 'data', '--report', 'texts'],
      /texts: holds text/,
    ],
    [
      'quantise: other footage',
      ['quantise', 'model', 'data/testing/videos/01.mp4', 'new'],
      /01.mp4: is not the footage that model learned from/,
    ],
    ['quantise: in int8 already', ['quantise', 'int8', 'data', 'new'], /int8: is in int8 already/],
    ['quantise: OUT holds else', ['quantise', 'model', 'data', 'texts'], /texts: exists and holds/],
    ['quantise: OUT is a file', ['quantise', 'model', 'data', 'text.mp4'], /text.mp4: is a file/],
    [
      'export: a model in int8',
      ['export', 'int8', 'new'],
      /int8: is a model in int8, which is not/,
    ],
    [
      'bench: training in int8',
      ['bench', 'train', '--preset', 'tiny', '--int8'],
      /--int8 is for infer/,
    ],
    ['export: OUT holds else', ['export', 'model', 'texts'], /texts: exists and holds/],
    ['export: OUT is a file', ['export', 'model', 'text.mp4'], /text.mp4: is a file/],
    ['import: OUT holds else', ['import', 'ucsd', 'data', 'texts'], /texts: exists and holds/],
    [
      'score: --jsonl is a folder',
      ['score', 'model', 'data/testing/videos/01.mp4', '--jsonl', 'texts'],
      /texts: /,
    ],
    [
      'score: --overlay is a folder',
      ['score', 'model', 'data/testing/videos/01.mp4', '--overlay', 'texts'],
      /texts: /,
    ],
  ])('%s', async (_, words, message) => {
    const before = await listing(folder());
    const ended = await m2s2l(words, { cwd: folder() });
    expectOneLine(ended, message);
    expect(ended.stdout).toBe('');
    expect(await listing(folder())).toEqual(before);
  });
});

/** Beside the lines of the progress there is one, and it names what is wrong. */
function expectOneLine({ code, stderr }: Ended, message: RegExp): void {
  const lines = stderr.trimEnd().split('\n');
  const said = lines.filter((line) => !/^(reading|training|scoring|calibrating) \d+ %/.test(line));
  expect(said).toEqual([expect.stringMatching(/^m2s2l: /)]);
  expect(said[0]).toMatch(message);
  expect(code).toBe(2);
}

async function writeBadData(cwd: string): Promise<void> {
  const at = (...parts: string[]) => join(cwd, ...parts);
  await mkdir(at('empty'));
  await mkdir(at('short/training/videos'), { recursive: true });
  await mkdir(at('short/testing/videos'), { recursive: true });
  await writeVideo(at('short.mp4'), size, swinging(5));
  for (const part of ['training', 'testing'])
    await cp(at('short.mp4'), at('short', part, 'videos/01.mp4'));
  await mkdir(at('texts'));
  await writeFile(at('text.mp4'), 'no video at all');
  await writeFile(at('texts/text.mp4'), 'no video at all');
  await mkdir(at('no-video/testing/videos'), { recursive: true });
  await writeFile(at('no-video/testing/videos/01.mp4'), 'no video at all');
  await mkdir(at('mixed'));
  for (const [i, side] of [32, 32, 48].entries()) {
    const square = { width: side, height: side };
    await writePicture(at('mixed', `${i}.png`), square, new Uint8Array(side * side * 3));
  }
  await cp(at('data'), at('labels'), { recursive: true });
  await writeLabels(at('labels'), Array(testing.frames - 1).fill(0));
}

async function writeBadModels(cwd: string): Promise<void> {
  const names = [
    'no-weights',
    'no-description',
    'sizes',
    'nan',
    'overflow',
    'newer',
    'older',
    'damaged',
  ] as const;
  for (const name of names) await cp(join(cwd, 'model'), join(cwd, name), { recursive: true });
  const path = (name: (typeof names)[number], file: string) => join(cwd, name, file);
  await rm(path('no-weights', 'weights.safetensors'));
  await rm(path('no-description', 'model.json'));
  await writeFile(path('damaged', 'model.json'), '{"format": 3, ');
  for (const [name, format] of [
    ['newer', 99],
    ['older', 1],
  ] as const) {
    const description = await readJson<object>(path(name, 'model.json'));
    await writeFile(path(name, 'model.json'), JSON.stringify({ ...description, format }));
  }
  const weights = await readSafetensors(path('nan', 'weights.safetensors'));
  const [name, tensor] = [...weights.tensors][0]!;
  const replaced = (shape: readonly number[], data: Float32Array, of = name) => ({
    ...weights,
    tensors: new Map([...weights.tensors, [of, { shape, data }]]),
  });
  const [last, { shape, data }] = [...weights.tensors].find(([key]) =>
    key.endsWith('pixels.weight'),
  )!;
  const large = data.map((weight) => (weight < 0 ? -3e38 : 3e38));
  await writeSafetensors(path('overflow', 'weights.safetensors'), replaced(shape, large, last));
  const nan = tensor.data.with(0, Number.NaN);
  await writeSafetensors(path('nan', 'weights.safetensors'), replaced(tensor.shape, nan));
  const longer = new Float32Array(tensor.data.length + 1);
  await writeSafetensors(path('sizes', 'weights.safetensors'), replaced([longer.length], longer));
}
