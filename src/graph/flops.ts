import { nodesBefore } from './reachable.ts';
import type { GraphNode, Value } from './value.ts';

/** Floating-point operations of one node. */
export function flopsOf(node: GraphNode): number {
  const count = node.primitive.flops as unknown as (
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: unknown,
  ) => number;
  return count(node.inputs, node.outputs, node.attributes);
}

/**
 * Floating-point operations needed to compute values, counted op by op: a multiply-add as 2, a scan
 * of `[T, heads, N, P]` as 5 T heads N P, moving data as none.
 */
export function countFlops(values: readonly Value[]): number {
  return nodesBefore(values).reduce((sum, node) => sum + flopsOf(node), 0);
}

/** {@link countFlops} for each module that nodes were built in. */
export function flopsByModule(values: readonly Value[]): Map<string, number> {
  const modules = new Map<string, number>();
  for (const node of nodesBefore(values))
    modules.set(node.module, (modules.get(node.module) ?? 0) + flopsOf(node));
  return modules;
}
