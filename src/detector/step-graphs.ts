import { Graph, type Value } from '../graph/index.ts';
import { errorMaps } from '../model/cell-errors.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { StreamFrames } from '../model/input.ts';
import { encodeDifferences, m2s2lStep } from '../model/step.ts';
import { type TimeScale, windowShape } from '../model/temporal.ts';
import { TrainedNet, type Weights } from '../nn/parameters.ts';

/** One of the two graphs of a stream's step, with fixed weights. */
export interface StepGraph {
  /** Frames that it is fed, as bytes, by how many frames before the scored one they lie. */
  readonly offsets: readonly number[];
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: Readonly<Record<string, Value>>;
}

/** Names of what the first graph gives, for each time scale, and of what the second is fed. */
const token = (scale: number): string => `token-${scale}`;
export const kept = (scale: number): string => `step-${scale}`;
export const window = (scale: number): string => `window-${scale}`;

/**
 * The features of the newest difference of each time scale: {@link token} `[B, cells, width]` for
 * this step, and {@link kept} `[B, inner, cells]` for this one and later ones.
 */
export function differenceGraph(c: ModelConfiguration, weights: Weights, batch: number): StepGraph {
  const graph = new Graph();
  const frames = new StreamFrames(graph, c, batch);
  const outputs: Record<string, Value> = {};
  encodeDifferences(new TrainedNet(graph, weights), c, frames.frame).forEach((features, scale) => {
    outputs[token(scale)] = features.token;
    outputs[kept(scale)] = features.inner;
  });
  return { offsets: frames.offsets, inputs: graph.inputs, outputs };
}

/**
 * The errors of each decoder on the grid of cells, `[B, cells]`, from frames and for each time scale
 * its {@link token} and the {@link window} of what was {@link kept}, oldest first,
 * `[B, steps, inner, cells]`.
 */
export function errorGraph(c: ModelConfiguration, weights: Weights, batch: number): StepGraph {
  const graph = new Graph();
  const frames = new StreamFrames(graph, c, batch);
  const steps = windowShape(c, batch);
  const newest = [batch, steps[3]!, c.temporal.width];
  const scales = c.temporal.strides.map(
    (_, scale): TimeScale => ({
      steps: graph.input(window(scale), steps),
      newest: graph.input(token(scale), newest),
    }),
  );
  const decoded = m2s2lStep(new TrainedNet(graph, weights), c, frames.frame, scales);
  const outputs = errorMaps(c, decoded);
  return { offsets: frames.offsets, inputs: graph.inputs, outputs };
}
