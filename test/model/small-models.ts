import type { z } from 'zod';
import { add, Graph, mul, type Shape, sizeOf, type Value } from '../../src/graph/index.ts';
import { m2s2lClip } from '../../src/model/clip.ts';
import { type ModelConfiguration, modelConfiguration } from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { clipShape } from '../../src/model/input.ts';
import type { Outputs } from '../../src/model/m2s2l.ts';
import { initialise, TrainedNet, type Weights } from '../../src/nn/parameters.ts';
import type { Tensor } from '../../src/runtime/session.ts';
import { normal } from '../graph/evaluate.ts';

/** Every part of the paper, as small as it gets. */
export const WHOLE: ModelConfiguration = modelConfiguration.parse({
  input: { width: 32, height: 32, channels: 1 },
  task: 'predict',
  scan: 'ssd',
  state: 3,
  headDim: 4,
  expand: 1,
  spatial: {
    scales: [
      { patch: 4, width: 8, depth: 1 },
      { patch: 8, width: 8, depth: 1 },
      { patch: 16, width: 12, depth: 1 },
    ],
    routes: 4,
  },
  temporal: { strides: [1, 2, 4], steps: 3, width: 8 },
  fusedWidth: 12,
  decomposition: true,
  pace: true,
  partWidth: 8,
  memorySlots: 4,
  decoders: {
    branches: ['appearance', 'motion'],
    coarseWidth: 12,
    fineWidth: 8,
    depth: 1,
    skip: ['motion'],
  },
} satisfies z.input<typeof modelConfiguration>);

const { spatial, temporal, decoders } = WHOLE;
const scales = (...patches: number[]) => ({
  spatial: { ...spatial, scales: spatial.scales.filter(({ patch }) => patches.includes(patch)) },
});

/** Every part switched off by itself, every kind of every part, and everything off at once. */
export const ABLATIONS: Readonly<Record<string, ModelConfiguration>> = Object.fromEntries(
  Object.entries({
    'the whole': {},
    reconstruct: { task: 'reconstruct', decoders: { ...decoders, skip: [] } },
    'three channels': { input: { width: 32, height: 16, channels: 3 } },
    'the smallest input': { input: { width: 16, height: 16, channels: 1 } },
    's6 scan': { scan: 's6' },
    'expand 2': { expand: 2 },
    'one route': { spatial: { ...spatial, routes: 1 } },
    'two routes': { spatial: { ...spatial, routes: 2 } },
    's6 along two routes': { scan: 's6', spatial: { ...spatial, routes: 2 } },
    'only the fine scale': scales(4),
    'only the medium scale': scales(8),
    'only the coarse scale': scales(16),
    'no fine scale': scales(8, 16),
    'one stride': { temporal: { ...temporal, strides: [2] } },
    'two strides': { temporal: { ...temporal, strides: [1, 3] } },
    'one step': { temporal: { ...temporal, steps: 1 } },
    'four strides': { temporal: { ...temporal, strides: [1, 2, 4, 8] } },
    'strides in any order': { temporal: { ...temporal, strides: [3, 1] } },
    'the target hidden': {
      task: 'reconstruct',
      temporal: { ...temporal, hideTarget: true },
      decoders: { ...decoders, skip: [] },
    },
    'patches from 2 to 32': {
      spatial: {
        ...spatial,
        scales: ([2, 4, 8, 16, 32] as const).map((patch) => ({ patch, width: 8, depth: 1 })),
      },
    },
    'the fusion of each cell': { spatial: { ...spatial, fusion: 'cell' } },
    'no decomposition': { decomposition: false },
    'no way past the memories': { memoryBypass: false },
    'learned places': { placeWidth: 4 },
    'no memory': { memorySlots: 0 },
    'no pace': { pace: false },
    'only the appearance decoder': { decoders: { ...decoders, branches: ['appearance'] } },
    'only the motion decoder': { decoders: { ...decoders, branches: ['motion'] } },
    'both decoders see the finest tokens': {
      decoders: { ...decoders, skip: ['appearance', 'motion'] },
    },
    'no decoder sees them': { decoders: { ...decoders, skip: [] } },
    'no residual blocks': { decoders: { ...decoders, depth: 0 } },
    'everything off': {
      ...scales(8),
      temporal: { ...temporal, strides: [1], steps: 1 },
      decomposition: false,
      pace: false,
      memorySlots: 0,
      decoders: { ...decoders, branches: ['motion'], depth: 0, skip: [] },
    },
  } satisfies Record<string, Partial<ModelConfiguration>>).map(([name, part]) => [
    name,
    modelConfiguration.parse({ ...WHOLE, ...part }),
  ]),
);

/** Parameters as they start. */
export function startingWeights(c: ModelConfiguration): Weights {
  const specs = parameterSpecs(c);
  const flat = initialise(specs, 1);
  const weights = new Map<string, { shape: Shape; data: Float32Array }>();
  let start = 0;
  for (const { name, shape } of specs)
    weights.set(name, { shape, data: flat.subarray(start, (start += sizeOf(shape))) });
  return weights;
}

/** The model on clips, with its starting weights: its outputs by name, to be run. */
export function clipModel(
  c: ModelConfiguration,
  batch = 1,
  decoded = batch,
): Record<string, Value> {
  return named(clipOutputs(c, startingWeights(c), batch, decoded));
}

/** All that the model gives on clips, whose input `frames` is in [-1, 1]. */
export function clipOutputs(
  c: ModelConfiguration,
  weights: Weights,
  batch = 1,
  decoded = batch,
): Outputs {
  const graph = new Graph();
  const frames = graph.input('frames', clipShape(c, batch));
  return m2s2lClip(new TrainedNet(graph, weights), c, mul(add(frames, 1), 127.5), decoded);
}

/** Outputs and inner values that are there, by name. */
function named(outputs: Outputs): Record<string, Value> {
  const { appearance, motion, frame, difference, pace, spatial, temporal, parts } = outputs;
  const readings = Object.entries(outputs.remembered.readings).flatMap(([part, reading]) =>
    Object.entries(reading).map(([name, value]) => [`${part}.${name}`, value] as const),
  );
  const all: Record<string, Value | undefined> = {
    appearance,
    motion,
    frame,
    difference,
    'pace.logit': pace?.logit,
    'pace.movement': pace?.movement,
    'spatial.weights': spatial.weights,
    'temporal.weights': temporal.weights,
    overlap: parts.overlap,
    ...Object.fromEntries(readings),
  };
  const there = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there as [string, Value][]);
}

/** Random frames of a clip, `[1, offsets, C, H, W]`. */
export function randomClip(c: ModelConfiguration, seed: string | number, batch = 1): Tensor {
  return normal(clipShape(c, batch), seed);
}
