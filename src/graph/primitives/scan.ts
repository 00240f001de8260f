import { GraphError } from '../graph.ts';
import { expectRank, expectSame, sameType } from '../shape.ts';
import type { Emitter, Primitive, Shape, Value } from '../value.ts';
import { add, exp, mul, sub } from './elementwise.ts';
import { broadcastTo, pad, reshape, reverse, slice, transpose } from './layout.ts';
import { cumulativeSum, reduceSum } from './reduce.ts';
import { standardScan } from './scan-standard.ts';

/** Sizes of a scan; see {@link selectiveScan}. */
export interface ScanSizes {
  readonly heads: number;
}

/** `q`, `k`, `v` and `logDecay` of a scan, in this order; a past state may follow. */
function sizesOf(inputs: readonly Value[], heads: number) {
  const [q, k, v, g] = inputs as [Value, Value, Value, Value];
  for (const [value, what] of [
    [q, 'q'],
    [k, 'k'],
    [v, 'v'],
    [g, 'the log decay'],
  ] as const)
    expectRank(value, 3, what);
  const [batch, length] = q.shape as [number, number, number];
  const state = q.shape[2]! / heads;
  const headDim = v.shape[2]! / heads;
  if (!Number.isInteger(state)) throw new Error(`q has ${q.shape[2]} columns for ${heads} heads`);
  if (!Number.isInteger(headDim)) throw new Error(`v has ${v.shape[2]} columns for ${heads} heads`);
  const perState = g.shape[2] === heads * state && state > 1;
  return { batch, length, state, headDim, perState };
}

const scan: Primitive<ScanSizes> = {
  name: 'selectiveScan',
  infer: (inputs, { heads }) => {
    const { batch, length, state, headDim, perState } = sizesOf(inputs, heads);
    const [, k, v, g, past] = inputs;
    expectSame(k!.shape.join(), [batch, length, heads * state].join(), 'shape of k');
    expectSame(v!.shape.join(), [batch, length, heads * headDim].join(), 'shape of v');
    const decays = perState ? heads * state : heads;
    expectSame(g!.shape.join(), [batch, length, decays].join(), 'shape of the log decay');
    const stateShape = [batch, heads, state, headDim];
    if (past) expectSame(past.shape.join(), stateShape.join(), 'shape of the past state');
    const dtype = sameType(inputs);
    if (dtype !== 'float32') throw new Error('runs in float32 only');
    return [
      { dtype, shape: v!.shape },
      { dtype, shape: stateShape },
    ];
  },
  emit(e, node, { heads }) {
    const { inputs, outputs } = node;
    const [q, k, v, g, past] = inputs;
    if (!e.has('LinearAttention')) {
      if (past) throw new GraphError('a scan with a past state has no standard operators');
      return e.inline(node, (like) => {
        const [q, k, v, g] = like as [Value, Value, Value, Value];
        return [standardScan({ q, k, v, g }, heads)];
      });
    }
    const { state, headDim, perState } = sizesOf(inputs, heads);
    // A past state would have to be filled up, too.
    const quick = !past && !perState && headDim >= FEWEST;
    const states = quick ? upTo(16, state) : state;
    const values = quick ? upTo(32, headDim) : headDim;
    const [y, present] = outputs.map(e.name) as [string, string];
    const made = values === headDim ? y : e.temporary();
    const end = values === headDim && states === state ? present : e.temporary();
    e.operator(
      'LinearAttention',
      [
        perHead(e, e.name(q!), q!.shape, heads, states),
        perHead(e, e.name(k!), k!.shape, heads, states),
        perHead(e, e.name(v!), v!.shape, heads, values),
        past ? e.name(past) : '',
        e.name(g!),
      ],
      [made, end],
      { update_rule: 'gated', q_num_heads: heads, kv_num_heads: heads, scale: { float: 1 } },
      'com.microsoft',
    );
    if (made !== y) {
      const [batch, length] = v!.shape as [number, number];
      perHead(e, made, [batch, length, heads * values], heads, headDim, y);
    }
    if (end === present || !e.used(outputs[1]!)) return;
    const [from, to, axes] = [
      [0, 0],
      [state, headDim],
      [2, 3],
    ].map((some) => e.integers(some));
    e.operator('Slice', [end, from!, to!, axes!], [present]);
  },
  /**
   * With dS_t = q_t dy_t' + exp(g_(t+1)) dS_(t+1), the cotangent of the state:
   *
   *     dq_t = S_t dy_t      a scan forward in time  (query dy, key v, value k)
   *     dk_t = dS_t v_t      a scan backward in time (query v, key dy, value q)
   *     dv_t = dS_t' k_t     a scan backward in time (query k, key q, value dy)
   *     dg_t = sum over s >= t of (q_s . dq_s - k_s . dk_s), and + <dS_T, S_T> from the end state
   */
  derivative({ inputs, outputs, cotangents: [dy, dPresent], attributes: { heads } }) {
    const [q, k, v, g, past] = inputs as [Value, Value, Value, Value, Value | undefined];
    const { batch, length, state, headDim, perState } = sizesOf(inputs, heads);
    const cotangent = dy ?? mul(v, 0);
    const { dq, dk, dv, dPast } = scansBackward();

    const perHead = (x: Value): Value =>
      perState
        ? x
        : reshape(reduceSum(reshape(x, [batch, length, heads, state]), [3]), [
            batch,
            length,
            heads,
          ]);
    let dg = cumulativeSum(perHead(sub(mul(q, dq), mul(k, dk))), 1, true);
    if (dPresent) {
      const kept = mul(dPresent, outputs[1]!); // [B, heads, state, headDim]
      const end = reduceSum(kept, perState ? [3] : [2, 3]);
      dg = add(dg, reshape(end, [batch, 1, g.shape[2]!]));
    }
    return past ? [dq, dk, dv, dg, dPast] : [dq, dk, dv, dg];

    function scansBackward() {
      const back = (x: Value): Value => reverse(x, 1);
      // Step t of the reversed scan decays by g_(t+1): reversed, shifted by one, the first is 0.
      const backG = length > 1 ? back(pad(slice(g, 1, 1, length), 1, 0, 1)) : mul(g, 0);
      const exchanged = (x: Value | undefined): Value | undefined =>
        x && transpose(x, [0, 1, 3, 2]);
      const decayed = exp(slice(g, 1, 0, 1)); // by how much the past state enters the first step
      const toValues = selectiveScan(
        { q: back(k), k: back(q), v: back(cotangent), logDecay: backG, pastState: dPresent },
        heads,
      );
      const dv = back(toValues.y);
      const firstDecay = reshape(decayed, [batch, heads, perState ? state : 1, 1]);
      const dPast = past && mul(toValues.state, firstDecay);
      if (!perState) {
        const dq = selectiveScan(
          { q: cotangent, k: v, v: k, logDecay: g, pastState: exchanged(past) },
          heads,
        );
        const dk = selectiveScan(
          {
            q: back(v),
            k: back(cotangent),
            v: back(q),
            logDecay: backG,
            pastState: exchanged(dPresent),
          },
          heads,
        );
        return { dq: dq.y, dk: back(dk.y), dv, dPast };
      }
      // A decay for each state cannot be a decay along the value's axis of the exchanged scans, so
      // there every state becomes a head of its own: queries and keys repeat for each state.
      const pairs = heads * state;
      const repeated = (x: Value): Value => {
        const apart = reshape(x, [batch, length, heads, 1, headDim]);
        const wide = broadcastTo(apart, [batch, length, heads, state, headDim]);
        return reshape(wide, [batch, length, pairs * headDim]);
      };
      const states = (x: Value | undefined): Value | undefined =>
        x && reshape(x, [batch, pairs, headDim, 1]);
      const [dys, values] = [repeated(cotangent), repeated(v)];
      const dq = selectiveScan(
        { q: dys, k: values, v: k, logDecay: g, pastState: states(past) },
        pairs,
      );
      const dk = selectiveScan(
        { q: back(values), k: back(dys), v: back(q), logDecay: backG, pastState: states(dPresent) },
        pairs,
      );
      return { dq: dq.y, dk: back(dk.y), dv, dPast };
    }
  },
  flops: ([q, , v], _, { heads }) =>
    5 * q!.shape[0]! * q!.shape[1]! * q!.shape[2]! * (v!.shape[2]! / heads),
};

/**
 * The runtime's kernel has a quick way for heads of 32 values and 16 states, and multiples of them: it
 * takes 31 ns for a step where 8 states, the slow way, take 107. So both are filled up with zeros, where a head
 * has no fewer values than this.
 */
const FEWEST = 8;
const upTo = (multiple: number, size: number): number => Math.ceil(size / multiple) * multiple;

/**
 * Every head of `[B, T, heads * own]` with another size: more, which are zero, or the first ones; as a product,
 * which is quicker than the runtime's Pad.
 */
function perHead(
  e: Emitter,
  name: string,
  shape: Shape,
  heads: number,
  size: number,
  result?: string,
): string {
  const [batch, length, wide] = shape as [number, number, number];
  const own = wide / heads;
  if (own === size) return name;
  const placing = Float32Array.from({ length: own * size }, (_, i) =>
    Number(i % size === Math.floor(i / size)),
  );
  const [byHead, placed, made] = [e.temporary(), e.temporary(), result ?? e.temporary()];
  e.operator('Reshape', [name, e.integers([batch, length * heads, own])], [byHead]);
  e.operator('MatMul', [byHead, e.numbers(placing, [own, size])], [placed]);
  e.operator('Reshape', [placed, e.integers([batch, length, heads * size])], [made]);
  return made;
}

export interface ScanInputs {
  /** Queries (C of Mamba), `[B, T, heads * state]`. */
  readonly q: Value;
  /** Keys (B of Mamba, times dt), `[B, T, heads * state]`. */
  readonly k: Value;
  /** Values (x of Mamba), `[B, T, heads * headDim]`. */
  readonly v: Value;
  /** Log decay, dt * A: one a head `[B, T, heads]` (SSD) or one a state `[B, T, heads * state]` (S6). */
  readonly logDecay: Value;
  /** State before the first step, `[B, heads, state, headDim]`; zero when not given. */
  readonly pastState?: Value | undefined;
}

/**
 * The selective scan, `S_t = exp(g_t) S_(t-1) + k_t v_t'`, `y_t = S_t' q_t` for every head: Mamba-2
 * (SSD; Dao and Gu, ICML 2024) with one decay a head, Mamba's S6 with one a state and `headDim` 1.
 * @returns `y` `[B, T, heads * headDim]` and the state after the last step `[B, heads, state, headDim]`.
 */
export function selectiveScan(
  { q, k, v, logDecay, pastState }: ScanInputs,
  heads: number,
): { y: Value; state: Value } {
  const inputs = pastState ? [q, k, v, logDecay, pastState] : [q, k, v, logDecay];
  const [y, state] = q.graph.apply(scan, inputs, { heads }) as [Value, Value];
  return { y, state };
}
