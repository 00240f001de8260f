import { normaliseAxis } from './shape.ts';
import {
  type DType,
  describe,
  type GraphNode,
  type Primitive,
  type Shape,
  type Spec,
  sizeOf,
  type Value,
} from './value.ts';

export type FloatType = 'float32' | 'float64';
export type ConstantData = Float32Array | Float64Array | BigInt64Array;

/** A graph that cannot be: names the operator, its module, its values and their shapes. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/**
 * A computation, built value by value. Shapes are static and checked as each value is made.
 * Derivatives are more values of the same graph. Nothing runs here: `onnx/serialise.ts` writes it
 * for the runtime.
 */
export class Graph {
  /** Every node, in an order in which they can run. */
  readonly nodes: GraphNode[] = [];
  readonly inputs = new Map<string, Value>();
  readonly constants = new Map<Value, ConstantData>();
  /** Type of all real numbers in this graph. */
  readonly float: FloatType;
  #values = 0;
  #modules: string[] = [];
  #scalars = new Map<string, Value>();

  constructor(float: FloatType = 'float32') {
    this.float = float;
  }

  /** The module that values are being built in, such as `spatial.fine.0`. */
  get module(): string {
    return this.#modules.join('.');
  }

  /** Builds inside a named module: its parameters and its cost are found under that name. */
  within<T>(module: string, build: () => T): T {
    this.#modules.push(module);
    try {
      return build();
    } finally {
      this.#modules.pop();
    }
  }

  /** A value that is fed at every run. @throws GraphError when the name is taken, or a size is no positive whole number. */
  input(name: string, shape: Shape, dtype: DType = this.float): Value {
    if (!isShape(shape))
      throw new GraphError(`input '${name}': [${shape.join(',')}] is not a shape`);
    if (this.inputs.has(name)) throw new GraphError(`input '${name}' is declared twice`);
    const value = this.#value({ dtype, shape }, undefined);
    this.inputs.set(name, value);
    return value;
  }

  /** A tensor of real numbers that is part of the graph. */
  constant(data: ArrayLike<number>, shape: Shape): Value {
    if (data.length !== sizeOf(shape))
      throw new GraphError(`constant of ${data.length} elements for shape [${shape.join(',')}]`);
    const value = this.#value({ dtype: this.float, shape }, undefined);
    const same = this.float === 'float32' ? Float32Array : Float64Array;
    this.constants.set(value, data instanceof same ? data : same.from(data));
    return value;
  }

  /** A real number with `rank` axes of size 1; the same number of the same rank is the same value. */
  scalar(number: number, rank = 0): Value {
    const key = `${number}:${rank}`;
    let value = this.#scalars.get(key);
    if (!value) {
      value = this.constant([number], new Array<number>(rank).fill(1));
      this.#scalars.set(key, value);
    }
    return value;
  }

  /** Applies a primitive. @throws GraphError when its shape rule refuses the inputs. */
  apply<A>(primitive: Primitive<A>, inputs: readonly Value[], attributes: A): readonly Value[] {
    const foreign = inputs.find((input) => input.graph !== this);
    let specs: readonly Spec[];
    try {
      if (foreign) throw new Error(`${describe(foreign)} belongs to another graph`);
      specs = primitive.infer(inputs, attributes);
      const broken = specs.find(({ shape }) => !isShape(shape));
      if (broken) throw new Error(`${describe(broken)} is not a shape`);
    } catch (error) {
      throw refusal(primitive.name, inputs, this, (error as Error).message);
    }
    const outputs: Value[] = [];
    const node: GraphNode = {
      primitive: primitive as unknown as Primitive<never>,
      attributes,
      inputs,
      outputs,
      module: this.module,
    };
    for (const spec of specs) outputs.push(this.#value(spec, node));
    this.nodes.push(node);
    return outputs;
  }

  #value(spec: Spec, node: GraphNode | undefined): Value {
    return { ...spec, graph: this, id: this.#values++, node };
  }
}

/** {@link Graph.apply} for primitives with one output. */
export function apply<A>(primitive: Primitive<A>, inputs: readonly Value[], attributes: A): Value {
  return inputs[0]!.graph.apply(primitive, inputs, attributes)[0]!;
}

/**
 * A non-negative axis of an operator's input; a negative one counts from the end.
 * @throws GraphError when there is no such axis.
 */
export function axisOf(operator: string, x: Value, axis: number): number {
  try {
    return normaliseAxis(axis, x.shape.length);
  } catch (error) {
    throw refusal(operator, [x], x.graph, (error as Error).message);
  }
}

function refusal(operator: string, inputs: readonly Value[], graph: Graph, reason: string) {
  const where = graph.module ? ` in ${graph.module}` : '';
  return new GraphError(`${operator}(${inputs.map(describe).join(', ')})${where}: ${reason}`);
}

const isShape = (shape: Shape): boolean =>
  shape.every((size) => Number.isInteger(size) && size > 0);
