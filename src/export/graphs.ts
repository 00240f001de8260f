import { concat, Graph, reshape, slice, type Value } from '../graph/index.ts';
import { errorMaps } from '../model/cell-errors.ts';
import { m2s2lClip } from '../model/clip.ts';
import { cellGrid, clipOffsets, type ModelConfiguration } from '../model/configuration.ts';
import { clipInput, scaled } from '../model/input.ts';
import { encodeDifferences, m2s2lStep } from '../model/step.ts';
import type { TimeScale } from '../model/temporal.ts';
import { TrainedNet, type Weights } from '../nn/parameters.ts';

/** A graph to be written, with the names that its user knows. */
export interface ExportedGraph {
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: Readonly<Record<string, Value>>;
  /** Inputs that take, at the next frame, what an output gave at this one. */
  readonly state: readonly { readonly input: string; readonly output: string }[];
}

/**
 * One clip: `frames`, the bytes of the frames of `clipOffsets`, `[1, offsets, C, H, W]`, to the error
 * maps `appearance`, `motion` and `pace`, `[1, rows, columns]` of cells.
 */
export function clipGraph(c: ModelConfiguration, weights: Weights): ExportedGraph {
  const graph = new Graph();
  const decoded = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, 1));
  return { inputs: graph.inputs, outputs: gridMaps(c, decoded), state: [] };
}

/**
 * One more frame of a stream: `frame`, bytes `[1, C, H, W]`, to the same error maps. The frames
 * before it, and the features of the differences before the newest, are inputs and, moved on by one,
 * outputs; a stream begins with zeros.
 */
export function streamGraph(c: ModelConfiguration, weights: Weights): ExportedGraph {
  const graph = new Graph();
  const { channels, height, width } = c.input;
  const oldest = oldestFrame(c);
  const frame = graph.input('frame', [1, channels, height, width], 'uint8');
  const pastFrames = graph.input('past.frames', [1, oldest, channels, height, width], 'uint8');
  const pictures = new Map<number, Value>();
  const picture = (offset: number): Value => {
    let value = pictures.get(offset);
    if (!value) {
      const at = oldest - offset;
      value = scaled(offset === 0 ? frame : reshape(slice(pastFrames, 1, at, at + 1), frame.shape));
      pictures.set(offset, value);
    }
    return value;
  };

  const { steps, strides } = c.temporal;
  const cells = cellGrid(c).height * cellGrid(c).width;
  const inner = c.temporal.width * c.expand;
  // The steps of a stride lie so many frames apart, but features come with every frame.
  const kept = strides.map((stride) =>
    steps === 1
      ? undefined
      : graph.input(`past.steps.${stride}`, [1, (steps - 1) * stride, inner, cells]),
  );
  const net = new TrainedNet(graph, weights);
  const newest = encodeDifferences(net, c, picture);
  const scales = newest.map(({ token, inner }, scale): TimeScale => {
    const past = kept[scale];
    const step = reshape(inner, [1, 1, ...inner.shape.slice(1)]);
    return {
      steps: past ? concat([spaced(past, strides[scale]!), step], 1) : step,
      newest: token,
    };
  });
  const decoded = m2s2lStep(net, c, picture, scales);

  const outputs = gridMaps(c, decoded);
  const state = [{ input: 'past.frames', output: 'next.frames' }];
  outputs['next.frames'] = movedOn(pastFrames, frame);
  strides.forEach((stride, scale) => {
    const features = kept[scale];
    if (!features) return;
    const [input, output] = [`past.steps.${stride}`, `next.steps.${stride}`];
    state.push({ input, output });
    outputs[output] = movedOn(features, newest[scale]!.inner);
  });
  return { inputs: graph.inputs, outputs, state };
}

/** How many frames before the scored one the oldest lies that a stream asks for. */
function oldestFrame(c: ModelConfiguration): number {
  // With the features of past differences kept, each stride needs the newest difference alone.
  return clipOffsets({ ...c, temporal: { ...c.temporal, steps: 1 } })[0]!;
}

/** What lies `stride` apart along axis 1, from the first on. */
function spaced(x: Value, stride: number): Value {
  const starts = Array.from({ length: x.shape[1]! / stride }, (_, i) => i * stride);
  return concat(
    starts.map((start) => slice(x, 1, start, start + 1)),
    1,
  );
}

/** What is kept along axis 1, oldest first, without its oldest and with the newest. */
function movedOn(kept: Value, newest: Value): Value {
  const length = kept.shape[1]!;
  const last = reshape(newest, kept.shape.with(1, 1));
  return length === 1 ? last : concat([slice(kept, 1, 1, length), last], 1);
}

function gridMaps(
  c: ModelConfiguration,
  decoded: Parameters<typeof errorMaps>[1],
): Record<string, Value> {
  const { height, width } = cellGrid(c);
  return Object.fromEntries(
    Object.entries(errorMaps(c, decoded)).map(([branch, errors]) => [
      branch,
      reshape(errors, [1, height, width]),
    ]),
  );
}
