import {
  type Graph,
  GraphError,
  reshape,
  type Shape,
  sizeOf,
  slice,
  type Value,
} from '../graph/index.ts';
import { Random } from './random.ts';

/** Initial values of a parameter. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  /** Normal with mean 0. */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** log(1), log(2), … along the last axis: the usual decays of Mamba. */
  | { readonly kind: 'logRange' }
  /** softplus⁻¹ of step sizes spread log-uniformly over 0.001 … 0.1, as in Mamba. */
  | { readonly kind: 'stepSize' };

export interface ParameterSpec {
  /** Path of its module and its own name: `spatial.patch4.0.input.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initial: Initial;
  /** Whether weight decay applies: to matrices and kernels, not to biases, scales and decays. */
  readonly decays: boolean;
}

/** Source of parameters for a model that is being built. */
export interface Net {
  readonly graph: Graph;
  /** The parameter `name` of the current module. */
  parameter(name: string, shape: Shape, initial: Initial, decays?: boolean): Value;
}

const fullName = (graph: Graph, name: string): string =>
  graph.module ? `${graph.module}.${name}` : name;

/** Collects the parameters that a model declares in a dry build. */
export class DeclaringNet implements Net {
  readonly graph: Graph;
  readonly specs: ParameterSpec[] = [];

  constructor(graph: Graph) {
    this.graph = graph;
  }

  parameter(name: string, shape: Shape, initial: Initial, decays = false): Value {
    const full = fullName(this.graph, name);
    const value = this.graph.input(full, shape);
    this.specs.push({ name: full, shape, initial, decays });
    return value;
  }
}

/** Takes each parameter from one flat value, in order of declaration. */
export class FlatNet implements Net {
  readonly graph: Graph;
  /** One flat value a parameter. */
  readonly values: Value[] = [];
  readonly #flat: Value;
  #offset = 0;

  constructor(graph: Graph, flat: Value) {
    this.graph = graph;
    this.#flat = flat;
  }

  parameter(_name: string, shape: Shape): Value {
    const start = this.#offset;
    this.#offset += sizeOf(shape);
    const value = slice(this.#flat, 0, start, this.#offset);
    this.values.push(value);
    return reshape(value, shape);
  }
}

export type Weights = ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }>;

/** Takes each parameter from trained weights, as constants that the runtime can fold and lay out. */
export class TrainedNet implements Net {
  readonly graph: Graph;
  readonly #weights: Weights;

  constructor(graph: Graph, weights: Weights) {
    this.graph = graph;
    this.#weights = weights;
  }

  parameter(name: string, shape: Shape): Value {
    const full = fullName(this.graph, name);
    const weight = this.#weights.get(full);
    if (weight?.shape.join() !== shape.join())
      throw new GraphError(`weight '${full}' is [${weight?.shape}], the model wants [${shape}]`);
    return this.graph.constant(weight.data, shape);
  }
}

/** Initial values of all parameters, concatenated. The same seed gives the same numbers. */
export function initialise(specs: readonly ParameterSpec[], seed: number): Float32Array {
  const total = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const flat = new Float32Array(total);
  let offset = 0;
  for (const { name, shape, initial } of specs) {
    const size = sizeOf(shape);
    fill(flat.subarray(offset, offset + size), shape, initial, new Random(`${seed}:${name}`));
    offset += size;
  }
  return flat;
}

function fill(data: Float32Array, shape: Shape, initial: Initial, random: Random): void {
  switch (initial.kind) {
    case 'constant':
      data.fill(initial.value);
      return;
    case 'normal':
      for (let i = 0; i < data.length; i++) data[i] = random.normal() * initial.deviation;
      return;
    case 'logRange': {
      const last = shape.at(-1)!;
      for (let i = 0; i < data.length; i++) data[i] = Math.log(1 + (i % last));
      return;
    }
    case 'stepSize':
      for (let i = 0; i < data.length; i++) {
        const dt = 0.001 * 100 ** random.uniform();
        data[i] = Math.log(Math.expm1(dt));
      }
      return;
    default:
      throw new Error(`unknown start: ${JSON.stringify(initial satisfies never)}`);
  }
}
