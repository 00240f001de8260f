import type { GraphNode, Value } from './value.ts';

/** The nodes that the given values depend on, in an order in which they can run. */
export function nodesBefore(values: readonly Value[]): GraphNode[] {
  const needed = new Set<GraphNode>();
  const open = values.flatMap(({ node }) => (node ? [node] : []));
  for (let node = open.pop(); node; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const { node: before } of node.inputs) if (before) open.push(before);
  }
  return values.length === 0 ? [] : values[0]!.graph.nodes.filter((node) => needed.has(node));
}
