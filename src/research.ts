/**
 * `m2s2l/model`: the forward pass of M2S2L and its building blocks, so that what a model computes
 * inside can be read by name.
 *
 *     import { clipInput, clipShape, Graph, m2s2lClip, readModel, Session, TrainedNet } from 'm2s2l/model';
 *
 *     const { description, weights } = await readModel('out/model');
 *     const c = description.configuration;
 *     const graph = new Graph();
 *     const { temporal, parts } = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, 1));
 *     const session = await Session.compile({ attention: temporal.weights!, common: parts.common });
 *     // bytes: the frames of clipOffsets(c), oldest first, [1, offsets, C, H, W]
 *     const { attention } = await session.run({ frames: { shape: clipShape(c, 1), data: bytes } });
 *
 * @module
 */

export {
  type ModelDescription,
  readModel,
  type TrainedModel,
  writeModel,
} from './detector/model-file.ts';
export * from './graph/index.ts';
export { errorMaps } from './model/cell-errors.ts';
export { m2s2lClip } from './model/clip.ts';
export {
  CELL,
  cellGrid,
  clipLength,
  clipOffsets,
  type ModelConfiguration,
  modelConfiguration,
} from './model/configuration.ts';
export { type ModelCost, modelCost, parameterSpecs } from './model/cost.ts';
export { decode } from './model/decoders.ts';
export {
  alignment,
  decompose,
  type PartName,
  type Parts,
  partNames,
} from './model/decomposition.ts';
export { clipInput, clipShape, StreamFrames } from './model/input.ts';
export { type Alter, m2s2l, type Outputs, type Seen } from './model/m2s2l.ts';
export { type RememberedParts, remember } from './model/memory.ts';
export { type Pace, paceHead, paceSurprise } from './model/pace.ts';
export { PRESETS, type Preset, presetConfiguration } from './model/presets.ts';
export { encodeSpatial, type Picture, type SpatialFeatures } from './model/spatial.ts';
export { encodeDifferences, m2s2lStep } from './model/step.ts';
export {
  encodeSteps,
  encodeTime,
  type TemporalFeatures,
  type TimeScale,
} from './model/temporal.ts';
export { temporalScan, temporalStep, vssBlock } from './nn/blocks.ts';
export { convolution, depthwiseConvolution, linear, norm } from './nn/layers.ts';
export { type MemoryReading, memoryBank } from './nn/memory-bank.ts';
export {
  DeclaringNet,
  FlatNet,
  initialise,
  type Net,
  type ParameterSpec,
  TrainedNet,
  type Weights,
} from './nn/parameters.ts';
export {
  type Device,
  type Feed,
  Session,
  type SessionOptions,
  type Tensor,
} from './runtime/session.ts';
