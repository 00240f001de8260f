import {
  add,
  div,
  log,
  mean,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  softplus,
  square,
  sub,
  type Value,
} from '../graph/index.ts';
import { CELL, type ModelConfiguration } from '../model/configuration.ts';
import type { Outputs } from '../model/m2s2l.ts';
import type { Pace } from '../model/pace.ts';
import { patchify } from '../nn/patches.ts';
import type { LossWeights } from './configuration.ts';

/** Squared errors below this are quantisation noise of 8-bit pixels. */
const NOISE = 1e-6;

/** Terms besides the decoders' errors. */
const auxiliary = [
  'overlap',
  'compactness',
  'separation',
  'balance',
  'timeBalance',
  'pace',
] as const;

/** Terms of the loss, each a mean over the batch; the model decides which of them exist. */
export type LossTerms = Readonly<Record<string, Value>>;

/**
 * The terms of the loss on a batch, unweighted: for each decoder the squared error of its pixels
 * plus that of the image gradient; the overlap of the parts; compactness and separation, summed over
 * the memories; the cross entropy of the pace head, where there are labels for it.
 */
export function lossTerms(
  c: ModelConfiguration,
  outputs: Outputs,
  weights: LossWeights,
  labels?: PaceLabels,
): LossTerms {
  const terms: Record<string, Value> = {};
  const targets = { appearance: outputs.frame, motion: outputs.difference };
  for (const branch of c.decoders.branches) {
    const error = sub(outputs[branch]!, targets[branch]);
    const gradient = mul(imageGradient(error), weights.imageGradient);
    terms[branch] = add(mean(square(error)), gradient);
  }
  if (outputs.parts.overlap) terms.overlap = outputs.parts.overlap;
  const readings = Object.values(outputs.remembered.readings);
  if (readings.length > 0) {
    terms.compactness = sum(readings.map(({ compactness }) => compactness));
    terms.separation = sum(readings.map(({ separation }) => separation));
    terms.balance = sum(readings.map(({ imbalance }) => imbalance));
  }
  if (outputs.temporal.weights)
    terms.timeBalance = scaleImbalance(outputs.temporal.weights, outputs.difference);
  if (outputs.pace && labels) terms.pace = paceLoss(outputs.pace, labels);
  return terms;
}

/** Mean squared change at which half of a cell counts as moving: 2 % of the range. */
const MOVES = 0.04 ** 2;

/**
 * Divergence of the mean attention on the time scales from uniform, in nats, over moving cells: still
 * cells would hide that a single scale does all the work.
 * @param weights of all clips of a batch, `[B, cells, scales]`
 * @param difference of the decoded clips, which come first, `[B, C, H, W]`
 */
function scaleImbalance(weights: Value, difference: Value): Value {
  const scales = weights.shape[2]!;
  const change = reduceMean(square(patchify(difference, CELL)), [2]); // [B, cells, 1]
  const moving = div(change, add(change, MOVES));
  const decoded = slice(weights, 0, 0, change.shape[0]!);
  const amount = reduceSum(moving, [0, 1]); // [1, 1, 1]
  const use = div(reduceSum(mul(decoded, moving), [0, 1]), add(amount, 1e-6)); // [1, 1, scales]
  const divergence = reduceSum(mul(use, log(add(mul(use, scales), 1e-6))), [2]);
  // Fades out where almost nothing moves, so that noise is not balanced.
  return reshape(mul(divergence, div(amount, add(amount, 1))), []);
}

/** Labels of the pace head, each `[B, cells]`: the weight of a cell as abnormal and as normal. */
export interface PaceLabels {
  readonly abnormal: Value;
  readonly normal: Value;
}

/** Cross entropy over moving cells; both classes have the same total weight. */
function paceLoss({ logit, movement }: Pace, { abnormal, normal }: PaceLabels): Value {
  const ofClass = (labels: Value, sign: number): Value => {
    const weights = mul(movement, labels);
    const total = reshape(reduceSum(mul(weights, softplus(mul(logit, sign)))), []);
    return div(total, add(reshape(reduceSum(weights), []), 1));
  };
  return mul(add(ofClass(normal, 1), ofClass(abnormal, -1)), 0.5);
}

/**
 * The loss that is differentiated. Each decoder's error is divided by its running average, so that one
 * set of weights serves dark and bright, quiet and busy cameras, and neither decoder dominates. In
 * expectation this is the gradient of the log error, that is, of PSNR, but batches without motion get no
 * outsized weight.
 * @param errorScales running averages of the errors, `[decoders]`
 */
export function weightedLoss(
  c: ModelConfiguration,
  terms: LossTerms,
  weights: LossWeights,
  errorScales: Value,
): Value {
  const summands = c.decoders.branches.map((branch, i) => {
    const scale = reshape(slice(errorScales, 0, i, i + 1), []);
    return mul(div(terms[branch]!, scale), weights[branch]);
  });
  for (const name of auxiliary)
    if (terms[name] && weights[name] > 0) summands.push(mul(terms[name], weights[name]));
  return sum(summands);
}

/** The loss as reported: the log of each decoder's error, and the other terms. */
export function reportedLoss(
  c: ModelConfiguration,
  terms: Readonly<Record<string, number>>,
  weights: LossWeights,
): number {
  let loss = 0;
  for (const branch of c.decoders.branches)
    loss += weights[branch] * Math.log(terms[branch]! + NOISE);
  for (const name of auxiliary) loss += weights[name] * (terms[name] ?? 0);
  return loss;
}

/** Exponential moving average of each decoder's error. */
export class ErrorScales {
  readonly #averages: number[];
  #weight: number;

  /** @param state an earlier {@link state}, to resume from */
  constructor(decoders: number, state?: { averages: readonly number[]; weight: number }) {
    this.#averages = state ? [...state.averages] : new Array<number>(decoders).fill(0);
    this.#weight = state?.weight ?? 0;
  }

  add(errors: readonly number[]): void {
    errors.forEach((error, i) => {
      this.#averages[i] = DECAY * this.#averages[i]! + (1 - DECAY) * error;
    });
    this.#weight = DECAY * this.#weight + (1 - DECAY);
  }

  /** For the next step; 1 before the first, whose learning rate is almost 0. */
  get values(): Float32Array {
    return Float32Array.from(this.#averages, (average) =>
      this.#weight === 0 ? 1 : average / this.#weight + NOISE,
    );
  }

  get state(): { averages: number[]; weight: number } {
    return { averages: [...this.#averages], weight: this.#weight };
  }
}
const DECAY = 0.98;

/** Mean squared difference between neighbouring pixels, `[B, C, H, W]` to a scalar. */
function imageGradient(x: Value): Value {
  const along = (axis: number): Value => {
    const size = x.shape[axis]!;
    return mean(square(sub(slice(x, axis, 1, size), slice(x, axis, 0, size - 1))));
  };
  return add(along(2), along(3));
}

const sum = (values: readonly Value[]): Value => values.reduce((total, value) => add(total, value));
