import type { Value } from '../value.ts';
import { add, exp, mul } from './elementwise.ts';
import { pad, reshape, slice } from './layout.ts';
import { reduceSum } from './reduce.ts';
import { chunkedScan, chunkLength } from './scan-chunked.ts';

/** Steps that are one chunk, and chunks of what divides into none. */
const LONGEST_CHUNK = 64;

/** A scan as `selectiveScan` has it, from a first state of 0. */
interface Scan {
  /** `[B, T, heads * state]` */
  readonly q: Value;
  readonly k: Value;
  /** `[B, T, heads * headDim]` */
  readonly v: Value;
  /** Log decay, `[B, T, heads]`, or for {@link doublingScan} `[B, T, heads * state]`, too. */
  readonly g: Value;
}

/**
 * The scan in standard operators: in chunks of matrix products where each head has one decay, by
 * doubling where each state has its own.
 * @returns `y`, `[B, T, heads * headDim]`
 */
export function standardScan(scan: Scan, heads: number): Value {
  if (scan.g.shape[2] !== heads) return doublingScan(scan, heads);
  const length = scan.q.shape[1]!;
  if (length <= LONGEST_CHUNK) return chunkedScan(scan, heads, length);
  const chunk = chunkLength(length);
  if (chunk !== undefined) return chunkedScan(scan, heads, chunk);
  // Steps after the last change nothing before them.
  const more = (x: Value): Value => pad(x, 1, 0, LONGEST_CHUNK - (length % LONGEST_CHUNK));
  const { q, k, v, g } = scan;
  const longer = { q: more(q), k: more(k), v: more(v), g: more(g) };
  return slice(chunkedScan(longer, heads, LONGEST_CHUNK), 1, 0, length);
}

/**
 * The scan by doubling: after pass i every state holds the steps of the 2^i before it (Hillis and
 * Steele, CACM 1986). It keeps all states, `[B, T, heads, state, headDim]`, and no operator walks.
 * @returns `y`, `[B, T, heads * headDim]`
 */
export function doublingScan({ q, k, v, g }: Scan, heads: number): Value {
  const [batch, length, wide] = q.shape as [number, number, number];
  const state = wide / heads;
  const headDim = v.shape[2]! / heads;
  const perState = (x: Value): Value => reshape(x, [batch, length, heads, x.shape[2]! / heads, 1]);
  let decay = exp(perState(g));
  let states = mul(perState(k), reshape(v, [batch, length, heads, 1, headDim]));
  for (let back = 1; back < length; back *= 2) {
    const before = (x: Value): Value => pad(slice(x, 1, 0, length - back), 1, back, 0);
    states = add(states, mul(decay, before(states)));
    decay = mul(decay, before(decay));
  }
  const read = mul(reshape(q, [batch, length, heads, state, 1]), states);
  return reshape(reduceSum(read, [3]), v.shape);
}
