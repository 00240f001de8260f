import { Graph, reduceMean, reshape, square, sub, type Value } from '../graph/index.ts';
import { type Branch, CELL, cellGrid, type ModelConfiguration } from '../model/configuration.ts';
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
  const outputs = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, batch));
  const targets = { appearance: outputs.frame, motion: outputs.difference };
  return Object.fromEntries(
    c.decoders.branches.map((branch) => [
      branch,
      cellErrors(c, sub(outputs[branch]!, targets[branch])),
    ]),
  );
}

/** Mean squared error of each cell of 8x8 pixels: `[B, C, H, W] -> [B, cells]`. */
function cellErrors(c: ModelConfiguration, error: Value): Value {
  const [batch, channels] = error.shape as [number, number, number, number];
  const { height, width } = cellGrid(c);
  const cut = reshape(square(error), [batch, channels, height, CELL, width, CELL]);
  return reshape(reduceMean(cut, [1, 3, 5]), [batch, height * width]);
}
