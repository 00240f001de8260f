import {
  add,
  cumulativeSum,
  exp,
  mul,
  neg,
  reduceSum,
  reshape,
  selectiveScan,
  softplus,
  sub,
  take,
  type Value,
} from '../graph/index.ts';

/** Number of routes of the cross-scan. */
export type Routes = 1 | 2 | 4;

export interface S6Inputs {
  /** The sequence, `[B, T, channels]`. */
  readonly u: Value;
  /** Step size before its bias and softplus, `[B, T, channels]`; the bias `[channels]`. */
  readonly dtRaw: Value;
  readonly dtBias: Value;
  /** log(-A), `[channels, state]`. */
  readonly aLog: Value;
  /** Input and output maps, shared by the channels, `[B, T, state]`. */
  readonly b: Value;
  readonly c: Value;
  /** Weight of the skip connection, `[channels]`. */
  readonly dSkip: Value;
}

/**
 * The selective scan of Mamba (S6; Gu and Dao, 2023, algorithm 2): one head a channel, one decay a state.
 * @returns `[B, T, channels]`
 */
export function s6({ u, dtRaw, dtBias, aLog, b, c, dSkip }: S6Inputs): Value {
  const [batch, length, channels] = u.shape as [number, number, number];
  const state = aLog.shape[1]!;
  const wide = [batch, length, channels * state];
  const dt = reshape(softplus(add(dtRaw, dtBias)), [batch, length, channels, 1]);
  const shared = (x: Value): Value => reshape(x, [batch, length, 1, state]);
  const ones = u.graph.constant(new Float32Array(channels).fill(1), [channels, 1]);
  const { y } = selectiveScan(
    {
      q: reshape(mul(shared(c), ones), wide),
      k: reshape(mul(dt, shared(b)), wide),
      v: u,
      logDecay: reshape(mul(dt, neg(exp(aLog))), wide),
    },
    channels,
  );
  return add(y, mul(u, dSkip));
}

/** Steps of many sequences, laid out step by step: `[B, T, heads, size, sequences]`. */
export interface SteppedScan {
  /** The newest step's queries, `[B, 1, heads, state, sequences]`. */
  readonly q: Value;
  /** `[B, T, heads, state, sequences]` */
  readonly k: Value;
  /** `[B, T, heads, headDim, sequences]` */
  readonly v: Value;
  /** `[B, T, heads, 1, sequences]` */
  readonly logDecay: Value;
}

/**
 * The newest output of the selective scan with one decay a head, for many short sequences at once:
 * `y_T = sum over s of exp(g_(s+1) + … + g_T) (q_T . k_s) v_s`. Equals the last step of `selectiveScan`,
 * without a state for each of thousands of sequences.
 * @returns `[B, heads * headDim, sequences]`
 */
export function scanNewest({ q, k, v, logDecay }: SteppedScan): Value {
  const [batch, , heads, headDim, sequences] = v.shape as [number, number, number, number, number];
  // g_(s+1) + … + g_T
  const after = sub(cumulativeSum(logDecay, 1, true), logDecay);
  const weights = mul(reduceSum(mul(k, q), [3]), exp(after));
  return reshape(reduceSum(mul(v, weights), [1]), [batch, heads * headDim, sequences]);
}

/**
 * Order of the tokens on each route: along rows, along columns, and both backwards (cross-scan; VMamba,
 * Liu et al. 2024, section 4.2).
 */
export function routeOrders(height: number, width: number, routes: Routes): number[][] {
  const rows = Array.from({ length: height * width }, (_, token) => token);
  const columns = rows.map((step) => (step % height) * width + Math.floor(step / height));
  const forward = routes === 4 ? [rows, columns] : [rows];
  return routes === 1 ? forward : [...forward, ...forward.map((order) => order.toReversed())];
}

/**
 * The tokens of a grid along every route. `x` `[B, H * W, C]`; result `[B * routes, H * W, C]`.
 */
export function crossScan(x: Value, height: number, width: number, routes: Routes): Value {
  const [batch, tokens, channels] = x.shape as [number, number, number];
  const walked = take(x, 1, routeOrders(height, width, routes).flat());
  return reshape(walked, [batch * routes, tokens, channels]);
}

/**
 * {@link crossScan} of tokens that have separate features for each route. `x` `[B, H * W, routes * C]`;
 * result `[B * routes, H * W, C]`.
 */
export function crossScanOwn(x: Value, height: number, width: number, routes: Routes): Value {
  const [batch, tokens, wide] = x.shape as [number, number, number];
  const channels = wide / routes;
  const rows = reshape(x, [batch, tokens * routes, channels]);
  const order = routeOrders(height, width, routes).flatMap((visited, route) =>
    visited.map((token) => token * routes + route),
  );
  return reshape(take(rows, 1, order), [batch * routes, tokens, channels]);
}

/** Inverse of the cross-scan, summed over the routes. `y` `[B * routes, H * W, C]`; result `[B, H * W, C]`. */
export function crossMerge(y: Value, height: number, width: number, routes: Routes): Value {
  const [, tokens, channels] = y.shape as [number, number, number];
  const batch = y.shape[0]! / routes;
  if (routes === 1) return y;
  const where = new Array<number>(routes * tokens);
  routeOrders(height, width, routes).forEach((order, route) => {
    order.forEach((token, step) => {
      where[route * tokens + token] = route * tokens + step;
    });
  });
  const onGrid = take(reshape(y, [batch, routes * tokens, channels]), 1, where);
  const sum = reduceSum(reshape(onGrid, [batch, routes, tokens * channels]), [1]);
  return reshape(sum, [batch, tokens, channels]);
}
