import { Graph, type Value } from '../graph/index.ts';
import { decoderErrors } from '../model/cell-errors.ts';
import type { Branch, ModelConfiguration } from '../model/configuration.ts';
import { clipInput } from '../model/input.ts';
import { m2s2lClip } from '../model/m2s2l.ts';
import { TrainedNet, type Weights } from '../nn/parameters.ts';

/** The errors of each decoder on the grid of cells, `[B, cells]`, as a graph with fixed weights. */
export function errorGraph(
  c: ModelConfiguration,
  weights: Weights,
  batch: number,
): Partial<Record<Branch, Value>> {
  const graph = new Graph();
  return decoderErrors(c, m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, batch)));
}
