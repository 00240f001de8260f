import { GraphError } from './graph.ts';
import { add } from './primitives/elementwise.ts';
import { reshape } from './primitives/layout.ts';
import { nodesBefore } from './reachable.ts';
import { describe, type GraphNode, type Value } from './value.ts';

/**
 * The gradient of a scalar, by reverse-mode differentiation, as more values of the same graph.
 * @param wrt what to differentiate by; the result has their order and shapes.
 * @param cotangent d loss / d `output` where `output` is not yet the loss; of its shape.
 * @throws GraphError when the output is no scalar and no cotangent is given, or does not depend on
 *   one of `wrt`.
 */
export function gradient(output: Value, wrt: readonly Value[], cotangent?: Value): Value[] {
  if (!cotangent && output.shape.length > 0)
    throw new GraphError(`gradient of ${describe(output)}: only a scalar has one`);
  return vectorJacobianProduct([output], [cotangent ?? output.graph.scalar(1)], wrt);
}

/** {@link gradient} of several outputs at once, each with its cotangent. */
export function vectorJacobianProduct(
  outputs: readonly Value[],
  cotangents: readonly Value[],
  wrt: readonly Value[],
): Value[] {
  const flowing = new Map<Value, Value>();
  const flow = (to: Value, cotangent: Value): void => {
    const sum = flowing.get(to);
    flowing.set(to, sum ? add(sum, cotangent) : cotangent);
  };
  outputs.forEach((output, i) => {
    flow(output, reshape(cotangents[i]!, output.shape));
  });

  const nodes = nodesBefore(outputs);
  const active = dependingOn(nodes, new Set(wrt));
  for (const node of nodes.toReversed()) {
    if (!active.has(node)) continue;
    const arriving = node.outputs.map((output) => flowing.get(output));
    if (arriving.every((cotangent) => cotangent === undefined)) continue;
    const graph = node.inputs[0]!.graph;
    const leaving = graph.within(node.module, () =>
      (node.primitive.derivative as unknown as Derivative)({
        inputs: node.inputs,
        outputs: node.outputs,
        cotangents: arriving,
        attributes: node.attributes,
      }),
    );
    node.inputs.forEach((input, i) => {
      const cotangent = leaving[i];
      if (cotangent && (wrt.includes(input) || (input.node && active.has(input.node))))
        flow(input, cotangent);
    });
  }
  return wrt.map((value) => {
    const found = flowing.get(value);
    if (!found) throw new GraphError(`the output does not depend on ${describe(value)}`);
    return found;
  });
}

type Derivative = (context: {
  inputs: readonly Value[];
  outputs: readonly Value[];
  cotangents: readonly (Value | undefined)[];
  attributes: unknown;
}) => readonly (Value | undefined)[];

/** The nodes that one of the values leads to: the others need no derivative. */
function dependingOn(nodes: readonly GraphNode[], values: ReadonlySet<Value>): Set<GraphNode> {
  const active = new Set<GraphNode>();
  for (const node of nodes)
    if (node.inputs.some((input) => values.has(input) || (input.node && active.has(input.node))))
      active.add(node);
  return active;
}
