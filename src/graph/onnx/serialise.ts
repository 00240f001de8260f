import { Graph, GraphError } from '../graph.ts';
import { nodesBefore } from '../reachable.ts';
import {
  type ActivationRanges,
  type ContributedOperator,
  type DType,
  type Emitter,
  type GraphNode,
  type OnnxAttribute,
  type OnnxDomain,
  type Quantised,
  type Shape,
  sizeOf,
  type Value,
} from '../value.ts';
import { levelsOf } from './int8-convolution.ts';
import { ATTRIBUTE_TYPE, ELEMENT_TYPE, Model } from './schema.ts';

const OPSET = 21;
const IR_VERSION = 10;

interface TensorMessage {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

export interface SerialiseOptions {
  /** What the reader of the file lacks: other operators stand in for it. Default nothing. */
  readonly without?: readonly ContributedOperator[];
  /** Convolutions to be in int8, by their modules; those of unknown kernels stay as they are. */
  readonly int8?: ReadonlyMap<string, ActivationRanges> | undefined;
  /** Channels in a block of the layout that the reader computes convolutions in, where it is known. */
  readonly block?: number | undefined;
  /** Kept in the file beside the graph, for who asks. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A graph as an ONNX file: the given outputs under their names, what they need, and nothing else.
 * Every declared input that is needed keeps its name; so do outputs.
 * @throws GraphError when one value is given under two names, or nothing can stand in for an
 *   operator that the reader lacks.
 */
export function serialise(
  outputs: Readonly<Record<string, Value>>,
  { without = [], int8, block, metadata = {} }: SerialiseOptions = {},
): Uint8Array {
  const values = Object.values(outputs);
  if (new Set(values).size !== values.length)
    throw new GraphError('a value is an output under two names');
  const graph = values[0]!.graph;
  const nodes = nodesBefore(values);
  const used = new Set<Value>([...values, ...nodes.flatMap(({ inputs }) => inputs)]);
  const inputs = [...graph.inputs].filter(([, value]) => used.has(value));
  const names = new Map<Value, string>();
  for (const [name, value] of inputs) names.set(value, name);
  const passedThrough = Object.entries(outputs).find(([, value]) => !value.node);
  if (passedThrough) throw new GraphError(`output '${passedThrough[0]}' is not computed`);
  for (const [name, value] of Object.entries(outputs)) names.set(value, name);

  const writer = new Writer(
    names,
    used,
    without,
    int8 ?? new Map(),
    onlyRectified(values, nodes),
    block,
  );
  for (const node of nodes) writer.node(node);
  // An output may have been kept as bytes.
  for (const value of values) writer.name(value);

  return Model.encode(
    Model.create({
      irVersion: IR_VERSION,
      producerName: 'm2s2l',
      opsetImport: [
        { domain: '', version: OPSET },
        ...[...writer.domains].map((domain) => ({ domain, version: 1 })),
      ],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: 'm2s2l',
        node: writer.operators,
        initializer: writer.tensors,
        input: inputs.map(([name, value]) => valueInfo(name, value)),
        output: Object.entries(outputs).map(([name, value]) => valueInfo(name, value)),
      },
    }),
  ).finish();
}

/** Values that rectifiers read, and nothing else. */
function onlyRectified(outputs: readonly Value[], nodes: readonly GraphNode[]): Set<Value> {
  const readBy = (rectifiers: boolean) =>
    nodes
      .filter(({ primitive }) => (primitive.name === 'relu') === rectifiers)
      .flatMap(({ inputs }) => inputs);
  const needed = new Set([...outputs, ...readBy(false)]);
  return new Set(readBy(true).filter((value) => !needed.has(value)));
}

function valueInfo(name: string, { dtype, shape }: Value) {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[dtype], shape: { dim } } } };
}

class Writer implements Emitter {
  readonly operators: object[] = [];
  readonly tensors: TensorMessage[] = [];
  /** ONNX Runtime's own domains of which an operator was written. */
  readonly domains = new Set<string>();
  readonly block: number | undefined;
  readonly #names: Map<Value, string>;
  readonly #used: Set<Value>;
  readonly #without: readonly string[];
  readonly #int8: ReadonlyMap<string, ActivationRanges>;
  readonly #rectified: ReadonlySet<Value>;
  readonly #bytes = new Map<Value, Quantised>();
  /** Values that were kept as bytes, whose numbers are not written. */
  readonly #unread = new Set<Value>();
  readonly #constants = new Set<string>();
  #values = 0;
  #temporaries = 0;
  #module = '';

  constructor(
    names: Map<Value, string>,
    used: Set<Value>,
    without: readonly string[],
    int8: ReadonlyMap<string, ActivationRanges>,
    rectified: ReadonlySet<Value>,
    block: number | undefined,
  ) {
    this.block = block;
    this.#names = names;
    this.#used = used;
    this.#without = without;
    this.#int8 = int8;
    this.#rectified = rectified;
  }

  // Arrow functions: primitives pass them on, as in `inputs.map(e.name)`.
  readonly name = (value: Value): string => {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `v${this.#values++}`;
      this.#names.set(value, name);
      const data = value.graph.constants.get(value);
      if (data) this.constant(name, data, value.shape, value.dtype);
    }
    if (this.#unread.delete(value)) {
      const bytes = this.#bytes.get(value)!;
      this.operator('DequantizeLinear', [bytes.name, ...levelsOf(this, bytes)], [name]);
    }
    return name;
  };

  readonly temporary = (): string => `t${this.#temporaries++}`;

  integers(values: readonly number[]): string {
    const name = `i:${values.length > 16 ? `${values.length}#${hash(values)}` : values.join(',')}`;
    this.constant(name, BigInt64Array.from(values, BigInt), [values.length], 'int64');
    return name;
  }

  numbers(values: Float32Array | Int8Array | Int32Array, shape: Shape): string {
    const name = `n${this.#temporaries++}`;
    const type =
      values instanceof Float32Array ? 'float32' : values instanceof Int8Array ? 'int8' : 'int32';
    this.constant(name, values, shape, type);
    return name;
  }

  scalar(value: number, dtype: DType): string {
    const name = `s:${dtype}:${value}`;
    this.constant(name, filled(value, 1, dtype), [], dtype);
    return name;
  }

  ones(shape: Shape, dtype: DType): string {
    const name = `1:${dtype}:${shape.join(',')}`;
    this.constant(name, filled(1, sizeOf(shape), dtype), shape, dtype);
    return name;
  }

  constant(
    name: string,
    data: ArrayBufferView,
    shape: Shape,
    dtype: keyof typeof ELEMENT_TYPE,
  ): void {
    if (this.#constants.has(name)) return;
    this.#constants.add(name);
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.tensors.push({ name, dims: shape, dataType: ELEMENT_TYPE[dtype], rawData });
  }

  operator(
    opType: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: OnnxDomain = '',
  ): void {
    if (domain) this.domains.add(domain);
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    const name = `${this.#module}/${opType}.${this.operators.length}`;
    this.operators.push({ name, opType, input, output, attribute, domain });
  }

  node(node: GraphNode): void {
    this.#module = node.module;
    const emit = node.primitive.emit as unknown as (
      emitter: Emitter,
      node: GraphNode,
      attributes: unknown,
    ) => void;
    emit.call(node.primitive, this, node, node.attributes);
  }

  ranges({ module }: GraphNode): ActivationRanges | undefined {
    return this.#int8.get(module);
  }

  bytes(value: Value): Quantised | undefined {
    return this.#bytes.get(value);
  }

  keepBytes(value: Value, bytes: Quantised): void {
    this.#bytes.set(value, bytes);
    this.#unread.add(value);
  }

  used(value: Value): boolean {
    return this.#used.has(value);
  }

  rectified(value: Value): boolean {
    return this.#rectified.has(value);
  }

  has(what: ContributedOperator): boolean {
    return !this.#without.includes(what);
  }

  inline(node: GraphNode, build: (inputs: readonly Value[]) => readonly Value[]): void {
    const graph = new Graph(node.outputs[0]!.graph.float);
    const inputs = node.inputs.map((value, i) => {
      const input = graph.input(`${i}`, value.shape, value.dtype);
      this.#names.set(input, this.name(value));
      return input;
    });
    const outputs = graph.within(node.module, () => build(inputs));
    if (node.outputs.slice(outputs.length).some((value) => this.#used.has(value)))
      throw new GraphError(`${node.primitive.name}: nothing stands in for one of its outputs`);
    outputs.forEach((value, i) => {
      this.#names.set(value, this.name(node.outputs[i]!));
    });
    for (const inner of nodesBefore(outputs)) this.node(inner);
  }
}

function filled(value: number, size: number, dtype: DType): ArrayBufferView {
  switch (dtype) {
    case 'int64':
      return new BigInt64Array(size).fill(BigInt(value));
    case 'float64':
      return new Float64Array(size).fill(value);
    case 'uint8':
      return new Uint8Array(size).fill(value);
    case 'float32':
      return new Float32Array(size).fill(value);
    default:
      throw new GraphError(`unknown type: ${dtype satisfies never}`);
  }
}

function attributeOf(name: string, value: OnnxAttribute): object {
  if (typeof value === 'string')
    return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}

/** FNV-1a of an index list: two lists of one length and hash are told apart by neither name nor data. */
function hash(values: readonly number[]): string {
  let h = 0xcbf29ce484222325n;
  for (const value of values) h = BigInt.asUintN(64, (h ^ BigInt(value)) * 0x100000001b3n);
  return h.toString(16);
}
