import { expect, test } from 'vitest';
import {
  collectedSeconds,
  footageToDrop,
  footageToLearn,
  RECENT,
} from '../../../src/service/camera/footage.ts';
import type { RecordedFile } from '../../../src/service/parts.ts';

const file = (path: string, from: number): RecordedFile => ({
  path,
  from,
  to: from + 60_000,
  frames: 600,
});
const at = (from: number) => [{ from, to: from + 10_000 }];
const nothing = { begun: Number.POSITIVE_INFINITY, normal: [], open: [], excluded: [] };
const paths = (files: readonly RecordedFile[]) => files.map(({ path }) => path);

const files = [file('c', 200_000), file('a', 0), file('b', 100_000)];

test('what was collected since a learning began is learned, in order of time', () => {
  expect(paths(footageToLearn(files, { ...nothing, begun: 100_000 }))).toEqual(['b', 'c']);
});

test('what was confirmed as normal is learned, however old; what is not normal never', () => {
  const knowledge = { ...nothing, begun: 100_000, normal: at(30_000), excluded: at(150_000) };
  expect(paths(footageToLearn(files, knowledge))).toEqual(['a', 'c']);
  const both = { ...knowledge, excluded: at(30_000) };
  expect(paths(footageToLearn(files, both))).toEqual(['b', 'c']);
});

test('what is recent, of a learning under way, or may be confirmed is kept', () => {
  const now = 60_000 + RECENT + 1;
  expect(paths(footageToDrop(files, nothing, now))).toEqual(['a']);
  expect(footageToDrop(files, { ...nothing, begun: 0 }, now)).toEqual([]);
  expect(footageToDrop(files, { ...nothing, open: at(0) }, now)).toEqual([]);
  expect(footageToDrop(files, { ...nothing, normal: at(0) }, now)).toEqual([]);
  expect(paths(footageToDrop(files, { ...nothing, excluded: at(0) }, now))).toEqual(['a']);
});

test('only recorded time counts as collected, from the first frame to the end of the last', () => {
  expect(collectedSeconds(files, 100_000)).toBeCloseTo((120 * 600) / 599);
  const { path } = files[0]!;
  expect(collectedSeconds([{ path, from: 0, to: 0, frames: 1 }], 0)).toBe(0);
});
