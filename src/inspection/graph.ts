import {
  add,
  concat,
  matmul,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  square,
  sub,
  type Value,
} from '../graph/index.ts';
import { errorMaps } from '../model/cell-errors.ts';
import { m2s2lClip } from '../model/clip.ts';
import { CELL, type ModelConfiguration } from '../model/configuration.ts';
import { type PartName, partNames } from '../model/decomposition.ts';
import type { Alter, Outputs } from '../model/m2s2l.ts';
import type { Net } from '../nn/parameters.ts';
import { patchify } from '../nn/patches.ts';

/** Names of the inner values of a model, as a graph of one clip gives them. */
export const inner = {
  /** How far each cell changes, mean square, `[1, cells]`. */
  change: 'change',
  /** `[1, cells, scales]` */
  time: 'time',
  /** `[1, cells or 1, scales]` */
  granularity: 'granularity',
  /** See `PartMoments.push`: `[3 * P]` and `[3 * P, 3 * P]`. */
  partSum: 'parts.sum',
  partProducts: 'parts.products',
  /** What decoders get of a part, its mean over the cells, `[1, 1, width]`. */
  drawnFrom: (name: PartName) => `drawnFrom.${name}`,
  /** Use of each prototype, its mean over the cells, `[1, 1, slots]`. */
  use: (name: PartName) => `use.${name}`,
  /** An error map, `[1, cells]`. */
  errors: (kind: string) => `errors.${kind}`,
} as const;

/** The inner values of a model on one clip that are there, by the names of {@link inner}. */
export function innerValues(c: ModelConfiguration, outputs: Outputs): Record<string, Value> {
  const { spatial, temporal, remembered, difference } = outputs;
  const values: Record<string, Value> = {
    [inner.change]: cellChange(difference),
    ...partMoments(outputs),
  };
  if (temporal.weights) values[inner.time] = temporal.weights;
  if (spatial.weights) values[inner.granularity] = spatial.weights;
  for (const name of partNames) {
    const drawnFrom = remembered[name];
    const reading = remembered.readings[name];
    if (drawnFrom) values[inner.drawnFrom(name)] = reduceMean(drawnFrom, [0, 1]);
    if (reading) values[inner.use(name)] = reduceMean(reading.shares, [0, 1]);
  }
  for (const [kind, map] of Object.entries(errorMaps(c, outputs))) values[inner.errors(kind)] = map;
  return values;
}

/** Mean square of a frame difference in each cell, `[B, C, H, W] -> [B, cells]`. */
export function cellChange(difference: Value): Value {
  const changes = reduceMean(square(patchify(difference, CELL)), [2]);
  return reshape(changes, changes.shape.slice(0, 2));
}

/** The moments of the parts over the cells; nothing without decomposition. */
export function partMoments({ parts }: Pick<Outputs, 'parts'>): Record<string, Value> {
  const { common, appearance, motion } = parts;
  if (!appearance || !motion) return {};
  const [batch, cells, width] = common.shape as [number, number, number];
  const all = reshape(concat([common, appearance, motion], 2), [batch * cells, 3 * width]);
  return {
    [inner.partSum]: reshape(reduceSum(all, [0]), [3 * width]),
    [inner.partProducts]: matmul(all, all, { transposeA: true }),
  };
}

/** Inputs of {@link ablatedErrors}: whether a part is kept (1) or replaced (0), and by what. */
export const keep = (name: PartName): string => `keep.${name}`;
export const instead = (name: PartName): string => `instead.${name}`;

/** The mean squared error of each decoder, by branch, where parts may be replaced. */
export function ablatedErrors(
  net: Net,
  c: ModelConfiguration,
  frames: Value,
): Record<string, Value> {
  const alter: Alter = (name, drawnFrom) => {
    const width = drawnFrom.shape[2]!;
    const kept = net.graph.input(keep(name), [1, 1, 1]);
    const other = net.graph.input(instead(name), [1, 1, width]);
    return add(mul(drawnFrom, kept), mul(other, sub(1, kept)));
  };
  const outputs = m2s2lClip(net, c, frames, undefined, alter);
  const targets = { appearance: outputs.frame, motion: outputs.difference };
  return Object.fromEntries(
    c.decoders.branches.map((branch) => [
      branch,
      reshape(reduceMean(square(sub(outputs[branch]!, targets[branch]))), [1]),
    ]),
  );
}
