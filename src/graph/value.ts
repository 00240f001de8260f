import type { Graph } from './graph.ts';

/**
 * Element types of values. Numbers are `float32`, or `float64` where gradients are checked; pictures
 * come in as bytes.
 */
export type DType = 'float32' | 'float64' | 'int64' | 'uint8';

/** Static sizes of the axes; `[]` is a scalar. */
export type Shape = readonly number[];

/** What is known of a value before anything runs. */
export interface Spec {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** One tensor in a {@link Graph}: an input, a constant, or an output of a node. */
export interface Value extends Spec {
  readonly graph: Graph;
  readonly id: number;
  /** What computes it; undefined for inputs and constants. */
  readonly node: GraphNode | undefined;
}

/** One application of a primitive. */
export interface GraphNode {
  readonly primitive: Primitive<never>;
  readonly attributes: unknown;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** The modules it was built in, outermost first, joined by dots: `spatial.fine.0`. */
  readonly module: string;
}

/** The smallest and the largest of some numbers. */
export type Range = readonly [least: number, greatest: number];

/** What a convolution is fed and what it gives, as measured. */
export interface ActivationRanges {
  readonly input: Range;
  readonly output: Range;
}

/** Bytes in the file that stand for numbers: `scale * (byte - zero)`. */
export interface Quantised {
  readonly name: string;
  readonly scale: number;
  readonly zero: number;
}

/** Writes ONNX operators; handed to a primitive's `emit`. */
export interface Emitter {
  /** Name of a value of the graph in the ONNX file. */
  name(value: Value): string;
  /** A fresh name, for what is passed between the operators of one primitive. */
  temporary(): string;
  /** Name of an int64 constant of one axis. */
  integers(values: readonly number[]): string;
  /** Name of a constant of numbers, in the type that they have. */
  numbers(values: Float32Array | Int8Array | Int32Array, shape: Shape): string;
  /** Name of a scalar of the given type. */
  scalar(value: number, dtype: DType): string;
  /** Name of a constant of ones. */
  ones(shape: Shape, dtype: DType): string;
  operator(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: OnnxDomain,
  ): void;
  /** Channels in a block of the layout that the reader computes convolutions in, where it is known. */
  readonly block: number | undefined;
  /** The ranges of a convolution that is to be in int8. */
  ranges(node: GraphNode): ActivationRanges | undefined;
  /** The bytes of a value that was kept as such. */
  bytes(value: Value): Quantised | undefined;
  /** Keeps a value as bytes; its numbers are written where {@link name} asks for them. */
  keepBytes(value: Value, bytes: Quantised): void;
  /** Whether something reads a value, or it is an output of the file. */
  used(value: Value): boolean;
  /** Whether nothing but rectifiers reads a value. */
  rectified(value: Value): boolean;
  /** Whether the reader of the file has something that standard ONNX has not. */
  has(what: ContributedOperator): boolean;
  /**
   * Writes other primitives in the place of a node.
   * @param build from inputs like the node's, its outputs; those at the end may be missing
   */
  inline(node: GraphNode, build: (inputs: readonly Value[]) => readonly Value[]): void;
}

/** Operators of ONNX Runtime's own that primitives write where the reader of the file has them. */
export const CONTRIBUTED_OPERATORS = [
  'FusedMatMul',
  'LinearAttention',
  'QuickGelu',
  // In ONNX Runtime it is in the standard's domain, but the standard has it not.
  'SimplifiedLayerNormalization',
] as const;
export type ContributedOperator = (typeof CONTRIBUTED_OPERATORS)[number];

/** Where an operator is defined: the standard, or ONNX Runtime, which lays convolutions out in blocks. */
export type OnnxDomain = '' | 'com.microsoft' | 'com.microsoft.nchwc';

/** ONNX attributes; a plain number is written as an integer, `{ float }` as a float. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

/** What a derivative is given. */
export interface Cotangents<A> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** d loss / d output, undefined for outputs that nothing depends on; at least one is there. */
  readonly cotangents: readonly (Value | undefined)[];
  readonly attributes: A;
}

/**
 * An operation: its shape rule, its forward, its derivative and its cost, side by side.
 * `A` are its attributes, all known when the graph is built.
 */
export interface Primitive<A> {
  readonly name: string;
  /** Shape rule. @throws Error that says what does not fit; the graph adds the operator and the shapes. */
  infer(inputs: readonly Value[], attributes: A): readonly Spec[];
  /** Forward, as ONNX operators. */
  emit(emitter: Emitter, node: GraphNode, attributes: A): void;
  /** Reverse-mode derivative: d loss / d input for each input, undefined where there is none. */
  derivative(context: Cotangents<A>): readonly (Value | undefined)[];
  /** Floating-point operations, a multiply-add as 2. Moving data costs none. */
  flops(inputs: readonly Value[], outputs: readonly Value[], attributes: A): number;
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

/** `float32[4,64,8]`, as errors print it. */
export function describe({ dtype, shape }: Spec): string {
  return `${dtype}[${shape.join(',')}]`;
}
