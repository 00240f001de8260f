import { expect, test } from 'vitest';
import { footageToDrop, footageToLearn, RECENT } from '../../../src/service/camera/footage.ts';
import type { RecordedFile } from '../../../src/service/parts.ts';

const file = (path: string, from: number): RecordedFile => ({
  path,
  from,
  to: from + 60_000,
  frames: 600,
});
const at = (from: number) => [{ from, to: from + 10_000 }];
const nothing = {
  begun: Number.POSITIVE_INFINITY,
  learned: null,
  normal: [],
  open: [],
  excluded: [],
};
const from = (time: number) => ({ from: time, to: Number.MAX_VALUE });
const paths = (files: readonly RecordedFile[]) => files.map(({ path }) => path);

const files = [file('c', 200_000), file('a', 0), file('b', 100_000)];

test('what was collected since a learning began is learned, in order of time', () => {
  expect(paths(footageToLearn(files, from(100_000), nothing))).toEqual(['b', 'c']);
});

test('the footage of a span that is over is learned again without what came after it', () => {
  const span = { from: 0, to: 160_000 };
  expect(paths(footageToLearn(files, span, nothing))).toEqual(['a', 'b']);
  expect(paths(footageToLearn(files, span, { ...nothing, normal: at(230_000) }))).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('what was confirmed as normal is learned, however old; what is not normal never', () => {
  const knowledge = { normal: at(30_000), excluded: at(150_000) };
  expect(paths(footageToLearn(files, from(100_000), knowledge))).toEqual(['a', 'c']);
  const both = { ...knowledge, excluded: at(30_000) };
  expect(paths(footageToLearn(files, from(100_000), both))).toEqual(['b', 'c']);
});

test('what is recent, of a learning under way, or may be confirmed is kept', () => {
  const now = 60_000 + RECENT + 1;
  expect(paths(footageToDrop(files, nothing, now))).toEqual(['a']);
  expect(footageToDrop(files, { ...nothing, begun: 0 }, now)).toEqual([]);
  expect(footageToDrop(files, { ...nothing, open: at(0) }, now)).toEqual([]);
  expect(footageToDrop(files, { ...nothing, normal: at(0) }, now)).toEqual([]);
  const learned = { from: 0, to: 60_000 };
  expect(footageToDrop(files, { ...nothing, learned }, now)).toEqual([]);
  expect(paths(footageToDrop(files, nothing, now))).toEqual(['a']);
});
