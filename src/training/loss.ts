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

/** Squared errors below this are as good as none: the noise of 8-bit pixels. */
const NOISE = 1e-6;

/** The terms beside the decoders' errors. */
const auxiliary = [
  'overlap',
  'compactness',
  'separation',
  'balance',
  'timeBalance',
  'pace',
] as const;

/** The terms of the loss, each a mean over the batch; which of them exist depends on the model. */
export type LossTerms = Readonly<Record<string, Value>>;

/**
 * What training asks of a clip, without weights: for each decoder the squared error of its pixels
 * plus that of the image gradient; the overlap of the parts; compactness and separation, summed over
 * the memories; the cross entropy of the pace, where there is a verdict on it.
 */
export function lossTerms(
  c: ModelConfiguration,
  outputs: Outputs,
  weights: LossWeights,
  verdict?: Verdict,
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
  if (outputs.pace && verdict) terms.pace = paceLoss(outputs.pace, verdict);
  return terms;
}

/** Mean square of a cell's change of which half counts as moving: 2 % of the range. */
const MOVES = 0.04 ** 2;

/**
 * Divergence of the mean use of the time scales from even use, in nats, over the cells that move:
 * still cells would hide that one scale does all the work.
 * @param weights `[B, cells, scales]`, of all clips of a batch
 * @param difference of those that are decoded, the first ones, `[B, C, H, W]`
 */
function scaleImbalance(weights: Value, difference: Value): Value {
  const scales = weights.shape[2]!;
  const change = reduceMean(square(patchify(difference, CELL)), [2]); // [B, cells, 1]
  const moving = div(change, add(change, MOVES));
  const decoded = slice(weights, 0, 0, change.shape[0]!);
  const amount = reduceSum(moving, [0, 1]); // [1, 1, 1]
  const use = div(reduceSum(mul(decoded, moving), [0, 1]), add(amount, 1e-6)); // [1, 1, scales]
  const divergence = reduceSum(mul(use, log(add(mul(use, scales), 1e-6))), [2]);
  // The noise of pictures in which next to nothing moves is not to be balanced.
  return reshape(mul(divergence, div(amount, add(amount, 1))), []);
}

/** What is to be said of the pace of each cell, each `[B, cells]`: how much it counts as odd, as usual. */
export interface Verdict {
  readonly odd: Value;
  readonly usual: Value;
}

/** Cross entropy over what moves; the odd and the usual weigh the same. */
function paceLoss({ logit, movement }: Pace, { odd, usual }: Verdict): Value {
  const side = (counts: Value, sign: number): Value => {
    const weights = mul(movement, counts);
    const total = reshape(reduceSum(mul(weights, softplus(mul(logit, sign)))), []);
    return div(total, add(reshape(reduceSum(weights), []), 1));
  };
  return mul(add(side(usual, 1), side(odd, -1)), 0.5);
}

/**
 * The loss that is differentiated. A decoder's error counts relative to `errorScales`, its usual size
 * so far, so that one set of weights serves dark and bright, quiet and busy cameras and neither
 * decoder drowns the other; in expectation this is the gradient of the log of the error, that is, of
 * PSNR, without giving batches in which nothing moves a weight beyond all others.
 * @param errorScales `[decoders]`
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

/** The loss as it is reported and compared: the log of each decoder's error, and the other terms. */
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

/** The usual size of each decoder's error: a moving average over the steps so far. */
export class ErrorScales {
  readonly #averages: number[];
  #weight: number;

  /** @param state what {@link state} gave */
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

  /** For the next step; 1 before the first, whose learning rate is next to nothing. */
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

/** Mean square of a picture's differences between neighbours, `[B, C, H, W]` to a scalar. */
function imageGradient(x: Value): Value {
  const along = (axis: number): Value => {
    const size = x.shape[axis]!;
    return mean(square(sub(slice(x, axis, 1, size), slice(x, axis, 0, size - 1))));
  };
  return add(along(2), along(3));
}

const sum = (values: readonly Value[]): Value => values.reduce((total, value) => add(total, value));
