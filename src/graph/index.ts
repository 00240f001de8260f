/** Typed, differentiable graphs of ONNX operators. */

export { countFlops, flopsByModule } from './flops.ts';
export * from './gradient.ts';
export * from './graph.ts';
export { type SerialiseOptions, serialise } from './onnx/serialise.ts';
export * from './primitives/elementwise.ts';
export * from './primitives/layout.ts';
export * from './primitives/linear.ts';
export * from './primitives/normalise.ts';
export * from './primitives/reduce.ts';
export * from './primitives/scan.ts';
export { chunkedScan } from './primitives/scan-chunked.ts';
export {
  type ActivationRanges,
  CONTRIBUTED_OPERATORS,
  type ContributedOperator,
  type DType,
  describe,
  type Range,
  type Shape,
  type Spec,
  sizeOf,
  type Value,
} from './value.ts';
