import { flopsByModule, Graph, sizeOf, type Value } from '../graph/index.ts';
import { DeclaringNet, type ParameterSpec } from '../nn/parameters.ts';
import { m2s2lClip } from './clip.ts';
import type { ModelConfiguration } from './configuration.ts';
import { clipInput, StreamFrames } from './input.ts';
import type { Outputs } from './m2s2l.ts';
import { encodeDifferences, m2s2lStep } from './step.ts';
import { windowShape } from './temporal.ts';

export interface ModuleCost {
  readonly name: string;
  readonly parameters: number;
  readonly flops: number;
}

export interface ModelCost {
  readonly parameters: number;
  /** For one score from a whole clip, as papers count it; a multiply-add is 2. */
  readonly flops: number;
  /** For one more frame of a stream, whose past features are cached. */
  readonly streamingFlops: number;
  readonly modules: readonly ModuleCost[];
}

/** A model's parameters in the order in which training stores them. */
export function parameterSpecs(c: ModelConfiguration): readonly ParameterSpec[] {
  const net = new DeclaringNet(new Graph());
  m2s2lClip(net, c, clipInput(net.graph, c, 1));
  return net.specs;
}

/** Counts parameters and floating-point operations over the graphs, op by op. */
export function modelCost(c: ModelConfiguration): ModelCost {
  const net = new DeclaringNet(new Graph());
  const flops = flopsByModule(decodedOf(m2s2lClip(net, c, clipInput(net.graph, c, 1))));
  const modules = new Map<string, { parameters: number; flops: number }>();
  const module = (path: string) => {
    // Two levels are the boxes of the paper's figure: spatial.patch4, temporal.stride2, decoder.motion.
    const name = path.split('.').slice(0, 2).join('.') || 'input';
    let entry = modules.get(name);
    if (!entry) modules.set(name, (entry = { parameters: 0, flops: 0 }));
    return entry;
  };
  for (const [path, count] of flops) module(path).flops += count;
  for (const { name, shape } of net.specs)
    module(name.slice(0, name.lastIndexOf('.'))).parameters += sizeOf(shape);
  const entries = [...modules].map(([name, cost]) => ({ name, ...cost }));
  const total = (key: 'parameters' | 'flops') => entries.reduce((sum, e) => sum + e[key], 0);
  return {
    parameters: total('parameters'),
    flops: total('flops'),
    streamingFlops: streamingFlops(c),
    modules: entries.sort((a, b) => a.name.localeCompare(b.name)),
  };
}

function streamingFlops(c: ModelConfiguration): number {
  const net = new DeclaringNet(new Graph());
  const { frame } = new StreamFrames(net.graph, c, 1);
  const features = encodeDifferences(net, c, frame);
  const scales = features.map(({ token }, scale) => ({
    steps: net.graph.input(`steps-${scale}`, windowShape(c, 1)),
    newest: token,
  }));
  const outputs = decodedOf(m2s2lStep(net, c, frame, scales));
  const all = flopsByModule([...outputs, ...features.map(({ inner }) => inner)]);
  return [...all.values()].reduce((sum, count) => sum + count, 0);
}

const decodedOf = ({ appearance, motion, pace }: Outputs): Value[] =>
  [appearance, motion, pace?.logit].filter((value) => value !== undefined);
