import type fc from 'fast-check';
import type { Problem } from '../central-differences.ts';
import { elementwise } from './elementwise.ts';
import { layout } from './layout.ts';
import { linear, normalise, scan } from './products.ts';
import { reduce } from './reduce.ts';

/** Problems for every function of src/graph/primitives that makes values, by its name. */
export const GRADIENT_PROBLEMS: Readonly<Record<string, fc.Arbitrary<Problem>>> = {
  ...elementwise,
  ...reduce,
  ...layout,
  ...linear,
  ...normalise,
  ...scan,
};

/** What the same files export besides. */
export const NO_PROBLEM: Readonly<Record<string, string>> = {
  unbroadcast: 'a sum and a reshape, used by every derivative that broadcasts',
  invertPermutation: 'orders numbers, makes no value',
  chunkLength: 'chooses a number, makes no value',
  standardScan: 'chunkedScan or doublingScan, for files; training has neither',
  doublingScan: 'of primitives that have problems of their own; for files, not for training',
};
