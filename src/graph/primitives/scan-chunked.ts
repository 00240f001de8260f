import { GraphError } from '../graph.ts';
import type { Value } from '../value.ts';
import { add, exp, mul, sub } from './elementwise.ts';
import { pad, reshape, slice, transpose } from './layout.ts';
import { matmul } from './linear.ts';
import { cumulativeSum } from './reduce.ts';

/** Chunks shorter than this are not worth their bookkeeping. */
const SHORTEST = 16;
const LONGEST = 32;
/** Its exp is 0, whatever decay is added to it. */
const MASKED = -1e30;

/** The length of the chunks a scan of `length` steps is cut into, or undefined where it stays whole. */
export function chunkLength(length: number): number | undefined {
  for (let chunk = LONGEST; chunk >= SHORTEST; chunk--)
    if (length % chunk === 0 && length > chunk) return chunk;
  return undefined;
}

interface Scan {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
  readonly g: Value;
}

/** A scan cut into chunks: `[B, heads, n, c, ...]`, and the decays within and between its chunks. */
class Chunks {
  readonly heads: number;
  readonly batch: number;
  readonly count: number;
  readonly length: number;
  /** exp(g_(s+1) + … + g_t) for s <= t within a chunk, 0 elsewhere: `[B, heads, n, c, c]`. */
  readonly within: Value;
  /** exp(g_1 + … + g_t) from the start of the chunk up to step t: `[B, heads, n, c, 1]`. */
  readonly fromStart: Value;
  /** exp(g_(t+1) + …) from step t to the end of the chunk: `[B, heads, n, c, 1]`. */
  readonly toEnd: Value;
  /** Decay from the end of chunk j to the start of chunk i, for j < i, 0 elsewhere: `[B, heads, n, n]`. */
  readonly between: Value;

  constructor(g: Value, heads: number, length: number) {
    const [batch, steps] = g.shape as [number, number, number];
    this.heads = heads;
    this.batch = batch;
    this.length = length;
    this.count = steps / length;
    const cumulative = cumulativeSum(this.split(g), 3); // [B, heads, n, c, 1]
    const total = slice(cumulative, 3, length - 1, length); // [B, heads, n, 1, 1]
    this.within = lowerDecays(cumulative, 0);
    this.fromStart = exp(cumulative);
    this.toEnd = exp(sub(total, cumulative));
    const totals = cumulativeSum(reshape(total, [batch, heads, this.count, 1]), 2);
    // From the end of j to the start of i: the whole chunks j+1 … i-1.
    const before =
      this.count > 1 ? pad(slice(totals, 2, 0, this.count - 1), 2, 1, 0) : mul(totals, 0);
    this.between = lowerDecays(before, 1, totals);
  }

  /** `[B, T, heads * d]` as `[B, heads, n, c, d]`. */
  split(x: Value): Value {
    const size = x.shape[2]! / this.heads;
    const apart = reshape(x, [this.batch, this.count, this.length, this.heads, size]);
    const shape = [this.batch, this.heads, this.count, this.length, size];
    return this.heads === 1 ? reshape(apart, shape) : transpose(apart, [0, 3, 1, 2, 4]);
  }

  /** The reverse of {@link split}. */
  join(x: Value): Value {
    const steps = this.count * this.length;
    const together = this.heads === 1 ? x : transpose(x, [0, 2, 3, 1, 4]);
    return reshape(together, [this.batch, steps, this.heads * x.shape[4]!]);
  }

  /** Sums `[B, heads, n, N, P]` of the chunks before each, decayed. */
  carry(sums: Value): Value {
    const [batch, heads, count, rows, columns] = sums.shape as [
      number,
      number,
      number,
      number,
      number,
    ];
    const flat = reshape(sums, [batch, heads, count, rows * columns]);
    return reshape(matmul(this.between, flat), sums.shape);
  }
}

/** exp(to_i - from_j) for j <= i - gap, 0 elsewhere; `to` and `from` are `[..., n, 1]`, falling. */
function lowerDecays(to: Value, gap: number, from = to): Value {
  const size = to.shape.at(-2)!;
  // Above the diagonal the difference is positive and could overflow: it is masked before the exp.
  const mask = Float32Array.from({ length: size * size }, (_, at) =>
    at % size <= Math.floor(at / size) - gap ? 0 : MASKED,
  );
  const axes = from.shape.map((_, axis) => axis);
  axes.push(...axes.splice(-2).reverse());
  const difference = sub(to, transpose(from, axes));
  return exp(add(difference, to.graph.constant(mask, [size, size])));
}

/**
 * The scan itself in chunks of matrix products (SSD; Dao and Gu, ICML 2024, section 6), for one
 * decay a head: within a chunk an attention matrix, between chunks the states that it starts with.
 * @returns `y`, `[B, T, heads * headDim]`.
 */
export function chunkedScan({ q, k, v, g }: Scan, heads: number, chunk: number): Value {
  if (q.shape[1]! % chunk !== 0)
    throw new GraphError(`a scan of ${q.shape[1]} steps does not divide into chunks of ${chunk}`);
  const chunks = new Chunks(g, heads, chunk);
  const [qc, kc, vc] = [chunks.split(q), chunks.split(k), chunks.split(v)];
  const inside = matmul(mul(matmul(qc, kc, { transposeB: true }), chunks.within), vc);
  const sums = matmul(mul(kc, chunks.toEnd), vc, { transposeA: true }); // [B, heads, n, N, P]
  const outside = matmul(mul(qc, chunks.fromStart), chunks.carry(sums));
  return chunks.join(add(inside, outside));
}
