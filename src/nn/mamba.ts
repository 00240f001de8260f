import {
  add,
  exp,
  mul,
  neg,
  reshape,
  type Shape,
  selectiveScan,
  slice,
  softplus,
  take,
  transpose,
  type Value,
} from '../graph/index.ts';
import type { Grid } from './grid.ts';
import { linear, linearOnGrid } from './layers.ts';
import type { Net } from './parameters.ts';
import {
  crossMerge,
  crossScan,
  crossScanOwn,
  type Routes,
  routeOrders,
  s6,
  scanNewest,
} from './scan.ts';

/** SSD: one decay a head (Mamba-2); S6: one decay for every channel and state (Mamba). */
export type ScanKind = 'ssd' | 's6';

export interface MambaSizes {
  readonly scan: ScanKind;
  /** Size N of the state. */
  readonly state: number;
  /** Channels of one head, for SSD. */
  readonly headDim: number;
}

const perChannel = { kind: 'constant', value: 1 } as const;
/** Rank of the step size's projection, a 16th of the channels as in Mamba. */
const stepRank = (channels: number): number => Math.max(1, Math.ceil(channels / 16));

/**
 * The selective scan over a grid along several routes, summed (SS2D; VMamba, Liu et al. 2024). Each
 * route has its own B, C, step sizes and decays. `x` `[B, H * W, C]` to the same.
 */
export function scanGrid(
  net: Net,
  x: Value,
  { height, width }: Grid,
  routes: Routes,
  sizes: MambaSizes,
): Value {
  const [batch, tokens, channels] = x.shape as [number, number, number];
  if (sizes.scan === 's6') return scanGridS6(net, x, { height, width }, routes, sizes.state);
  const heads = headsOf(channels, sizes.headDim);
  const own = (name: string, size: number): Value =>
    crossScanOwn(linear(net, name, x, routes * size, { bias: false }), height, width, routes);
  const stepped = ssdInputs(net, {
    q: own('c', heads * sizes.state),
    k: own('b', heads * sizes.state),
    dt: own('dt', heads),
    heads,
    routes,
  });
  const { y } = selectiveScan({ ...stepped, v: crossScan(x, height, width, routes) }, heads);
  const merged = crossMerge(y, height, width, routes);
  const kept = mul(x, net.parameter('skip', [channels], perChannel));
  return add(reshape(merged, [batch, tokens, channels]), kept);
}

/**
 * The selective scan over time at every cell, read at the newest step.
 * @param x steps, oldest first, `[B, T, C, cells]`
 * @returns `[B, C, cells]`
 */
export function scanTime(net: Net, x: Value, sizes: MambaSizes): Value {
  const [batch, length, channels, cells] = x.shape as [number, number, number, number];
  const newest = slice(x, 1, length - 1, length);
  if (sizes.scan === 's6') {
    const sequences = reshape(transpose(x, [0, 3, 1, 2]), [batch * cells, length, channels]);
    const scanned = slice(scanRouteS6(net, sequences, sizes.state), 1, length - 1, length);
    return transpose(reshape(scanned, [batch, cells, channels]), [0, 2, 1]);
  }
  const heads = headsOf(channels, sizes.headDim);
  const apart = (value: Value): Value => {
    const [, steps, wide] = value.shape as [number, number, number];
    return reshape(value, [batch, steps, heads, wide / heads, cells]);
  };
  const q = apart(linearOnGrid(net, 'c', newest, heads * sizes.state));
  const raw = apart(linearOnGrid(net, 'b', x, heads * sizes.state));
  const dt = apart(linearOnGrid(net, 'dt', x, heads));
  const { k, logDecay } = discretised(net, raw, dt, [1, 1, 1, heads], [heads, 1, 1]);
  const y = scanNewest({ q, k, v: apart(x), logDecay });
  const kept = mul(newest, reshape(net.parameter('skip', [channels], perChannel), [channels, 1]));
  return add(y, reshape(kept, y.shape));
}

function headsOf(channels: number, headDim: number): number {
  if (channels % headDim !== 0)
    throw new Error(`${channels} channels do not divide into heads of ${headDim}`);
  return channels / headDim;
}

/**
 * Keys and decays of a grid's scan. The first axis holds all `routes` of each clip; a route has its own
 * bias and decay.
 */
function ssdInputs(
  net: Net,
  parts: { q: Value; k: Value; dt: Value; heads: number; routes: number },
): { q: Value; k: Value; logDecay: Value } {
  const { q, k: keys, dt, heads, routes } = parts;
  const [sequences, length] = dt.shape as [number, number];
  const byRoute = (x: Value): Value =>
    reshape(x, [sequences / routes, routes, length, heads, x.shape[2]! / heads]);
  const own = [routes, 1, heads];
  const { k, logDecay } = discretised(net, byRoute(keys), byRoute(dt), own, [...own, 1]);
  return { q, k: reshape(k, keys.shape), logDecay: reshape(logDecay, dt.shape) };
}

/**
 * Mamba-2's discretisation: dt = softplus(raw + bias), keys times dt, log decay dt * A.
 * @param own shape of the learned bias and decay
 * @param across shape in which they broadcast to `raw`, which in turn broadcasts to `keys`
 */
function discretised(net: Net, keys: Value, raw: Value, own: Shape, across: Shape) {
  const bias = net.parameter('dtBias', own, { kind: 'stepSize' });
  const dt = softplus(add(raw, reshape(bias, across)));
  const rate = neg(exp(net.parameter('aLog', own, { kind: 'constant', value: 0 })));
  return { k: mul(keys, dt), logDecay: mul(dt, reshape(rate, across)) };
}

function scanGridS6(net: Net, x: Value, { height, width }: Grid, routes: Routes, state: number) {
  return routeOrders(height, width, routes)
    .map((order, route) => {
      const walked = net.graph.within(`route${route}`, () =>
        scanRouteS6(net, take(x, 1, order), state),
      );
      const back = new Array<number>(order.length);
      order.forEach((token, step) => {
        back[token] = step;
      });
      return take(walked, 1, back);
    })
    .reduce((sum, route) => add(sum, route));
}

function scanRouteS6(net: Net, u: Value, state: number): Value {
  const channels = u.shape[2]!;
  const rank = stepRank(channels);
  const low = linear(net, 'projection', u, rank + 2 * state, { bias: false });
  return s6({
    u,
    dtRaw: linear(net, 'dt', slice(low, 2, 0, rank), channels, { bias: false }),
    dtBias: net.parameter('dtBias', [channels], { kind: 'stepSize' }),
    aLog: net.parameter('aLog', [channels, state], { kind: 'logRange' }),
    b: slice(low, 2, rank, rank + state),
    c: slice(low, 2, rank + state, rank + 2 * state),
    dSkip: net.parameter('skip', [channels], perChannel),
  });
}
