import {
  add,
  concat,
  countFlops,
  div,
  Graph,
  gradient,
  mul,
  reduceSum,
  relu,
  sizeOf,
  slice,
  sqrt,
  square,
  sub,
  toReal,
  type Value,
} from '../graph/index.ts';
import { m2s2lClip } from '../model/clip.ts';
import { cellGrid, type ModelConfiguration } from '../model/configuration.ts';
import { clipInput } from '../model/input.ts';
import { FlatNet, type Net, type ParameterSpec } from '../nn/parameters.ts';
import { BETA1, BETA2, paceClips, type TrainingConfiguration } from './configuration.ts';
import { type LossTerms, lossTerms, type PaceLabels, weightedLoss } from './loss.ts';

const EPSILON = 1e-8;

/** State carried from step to step, each a flat tensor over all parameters. */
export const STATE = ['weights', 'firstMoment', 'secondMoment', 'averaged'] as const;
export type StateName = (typeof STATE)[number];

/** The output that becomes each of them in the next step. */
export const CARRY = {
  weights: 'next.weights',
  firstMoment: 'next.firstMoment',
  secondMoment: 'next.secondMoment',
  averaged: 'next.averaged',
} as const satisfies Record<StateName, string>;

/** Clips of a batch that are decoded; the rest train the pace head only. */
export const decodedClips = (
  model: ModelConfiguration,
  training: Pick<TrainingConfiguration, 'batch' | 'judged'>,
): number => training.batch - (model.pace ? paceClips(training) : 0);

/** A graph by the names of its outputs. */
export interface NamedOutputs {
  readonly outputs: Readonly<Record<string, Value>>;
  /** Names of the loss terms among the outputs. */
  readonly terms: readonly string[];
  readonly flops: number;
}

/**
 * One step of training as a graph: forward, backward, clipping, AdamW and the averaged weights.
 * Inputs: those of {@link Batches.read}, the four tensors of {@link STATE}, `schedule` (see {@link scheduleInput}) and
 * `errorScales`; outputs: the same four as `next.…`, the terms of the loss, and the gradient's norm.
 */
export function stepGraph(
  model: ModelConfiguration,
  training: TrainingConfiguration,
  specs: readonly ParameterSpec[],
): NamedOutputs {
  const graph = new Graph();
  const size = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const [weights, first, second, averaged] = STATE.map((name) => graph.input(name, [size])) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const net = new FlatNet(graph, weights);
  const terms = termsOf(net, graph, model, training);
  const scales = graph.input('errorScales', [model.decoders.branches.length]);
  const total = weightedLoss(model, terms, training.losses, scales);

  const flat = gradient(total, net.values);
  const updated = graph.within('optimiser', () => {
    const raw = concat(flat, 0);
    const squares = square(raw);
    const norm = sqrt(reduceSum(squares));
    // min(1, clip / norm); scalars are combined before they meet the large tensors.
    const clip = div(1, add(relu(sub(div(norm, training.clipNorm), 1)), 1));
    const schedule = graph.input('schedule', [4]);
    const [rate, correction1, correction2, averaging] = [0, 1, 2, 3].map((i) =>
      slice(schedule, 0, i, i + 1),
    ) as [Value, Value, Value, Value];
    const m = add(mul(first, BETA1), mul(raw, mul(clip, 1 - BETA1)));
    const v = add(mul(second, BETA2), mul(squares, mul(square(clip), 1 - BETA2)));
    // m correction1 / (sqrt(v correction2) + epsilon)
    const deviation = mul(sqrt(v), div(sqrt(correction2), correction1));
    const direction = div(m, add(deviation, div(EPSILON, correction1)));
    const decay = mul(weights, graph.constant(decayMask(specs, training.weightDecay), [size]));
    const next = sub(weights, mul(add(direction, decay), rate));
    const average = add(next, mul(sub(averaged, next), averaging));
    return {
      [CARRY.weights]: next,
      [CARRY.firstMoment]: m,
      [CARRY.secondMoment]: v,
      [CARRY.averaged]: average,
      gradientNorm: norm,
    };
  });
  const named = { ...updated, ...terms };
  return {
    outputs: named,
    terms: Object.keys(terms),
    flops: countFlops(Object.values(named)),
  };
}

/** The terms of the loss on one batch, which is an input of the graph. */
function termsOf(
  net: Net,
  graph: Graph,
  model: ModelConfiguration,
  training: TrainingConfiguration,
): LossTerms {
  const clips = clipInput(graph, model, training.batch);
  const outputs = m2s2lClip(net, model, clips, decodedClips(model, training));
  return lossTerms(model, outputs, training.losses, labelInput(graph, model, training));
}

/** The terms of the loss alone, for validation; flat `weights` are an input. */
export function lossGraph(
  model: ModelConfiguration,
  training: TrainingConfiguration,
  specs: readonly ParameterSpec[],
): NamedOutputs {
  const graph = new Graph();
  const size = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const net = new FlatNet(graph, graph.input('weights', [size]));
  const terms = termsOf(net, graph, model, training);
  return {
    outputs: terms,
    terms: Object.keys(terms),
    flops: countFlops(Object.values(terms)),
  };
}

/** The inputs `abnormal` and `normal`, bytes `[B, cells]`, of a model with a pace head. */
function labelInput(
  graph: Graph,
  model: ModelConfiguration,
  { batch }: TrainingConfiguration,
): PaceLabels | undefined {
  if (!model.pace) return undefined;
  const { height, width } = cellGrid(model);
  const input = (name: string) => toReal(graph.input(name, [batch, height * width], 'uint8'));
  return { abnormal: input('abnormal'), normal: input('normal') };
}

function decayMask(specs: readonly ParameterSpec[], weightDecay: number): Float32Array {
  const parts = specs.map(({ shape, decays }) =>
    new Float32Array(sizeOf(shape)).fill(decays ? weightDecay : 0),
  );
  const mask = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    mask.set(part, offset);
    offset += part.length;
  }
  return mask;
}

/**
 * Scalars of one step: learning rate (warm-up, then cosine decay to a hundredth), AdamW's two bias
 * corrections, and the decay of the averaged weights, which is shorter at the start.
 * @param step 1 for the first one
 * @param share completed share of the run, 0 … 1
 */
export function scheduleInput(
  training: TrainingConfiguration,
  step: number,
  share: number,
): Float32Array {
  const { warmUp } = training;
  const along = Math.max(0, share - warmUp) / Math.max(1e-9, 1 - warmUp);
  const cosine = 0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * along));
  // Not 0 at the first step: short runs have few.
  const warming = warmUp > 0 ? Math.min(1, Math.max(share, 0.02 * warmUp) / warmUp) : 1;
  return Float32Array.of(
    training.learningRate * warming * cosine,
    1 / (1 - BETA1 ** step),
    1 / (1 - BETA2 ** step),
    Math.min(training.averaging, step / (step + 10)),
  );
}
