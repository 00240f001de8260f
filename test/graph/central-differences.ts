import {
  add,
  type FloatType,
  Graph,
  type Shape,
  sizeOf,
  type Value,
  vectorJacobianProduct,
} from '../../src/graph/index.ts';
import { Random } from '../../src/nn/random.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';

/** A function whose gradient is to be checked, at one point. */
export interface Problem {
  /** What it is, for the message of a failure. */
  readonly what: string;
  /** float32 where the runtime has no float64 kernel. */
  readonly float: FloatType;
  readonly inputs: readonly Tensor[];
  readonly build: (inputs: readonly Value[]) => readonly Value[];
  /**
   * How far an element is moved to both sides, and then twice as far. A function that is linear in
   * each input has no truncation error, and a large step drowns the rounding of float32.
   */
  readonly step: number;
  /** Largest allowed error, relative to the largest element of an input's gradient. */
  readonly tolerance: number;
}

/** A problem as a graph: its inputs, its outputs, the inputs of their cotangents, and the gradients. */
export function buildProblem({ float, inputs, build }: Problem) {
  const graph = new Graph(float);
  const values = inputs.map(({ shape }, i) => graph.input(`x${i}`, shape));
  // A sum with nothing: neither an output nor a gradient may be a mere input of the graph.
  const computed = (value: Value): Value => add(value, 0);
  const outputs = build(values).map(computed);
  const forward = [...graph.nodes];
  const cotangents = outputs.map(({ shape }, i) => graph.input(`d${i}`, shape));
  const gradients = vectorJacobianProduct(outputs, cotangents, values).map(computed);
  return { graph, forward, outputs, cotangents, gradients };
}

/**
 * Checks the gradient of a weighted sum of the outputs against central differences, at every element
 * of every input.
 * @throws Error that names the input and the element where they differ most.
 */
export async function checkGradient(problem: Problem): Promise<void> {
  const { what, float, inputs, step, tolerance } = problem;
  const { outputs, cotangents, gradients } = buildProblem(problem);
  const weights = cotangents.map(({ shape }, i) => spread(shape, i, { float }));
  const named = (values: readonly Value[], letter: string): Record<string, Value> =>
    Object.fromEntries(values.map((value, i) => [`${letter}${i}`, value]));
  const feeds: Record<string, Tensor> = {};
  for (const [i, { shape, data }] of inputs.entries())
    feeds[`x${i}`] = { shape, data: data.slice() };
  for (const [i, weight] of weights.entries()) feeds[`d${i}`] = weight;

  const forward = await Session.compile(named(outputs, 'y'));
  const backward = await Session.compile(named(gradients, 'g'));
  try {
    // Summed in double precision, whatever the outputs are.
    const loss = async (): Promise<number> => {
      const results = await forward.run(feeds);
      let sum = 0;
      for (const [i, { data }] of weights.entries()) {
        const y = results[`y${i}`]!.data;
        for (let at = 0; at < data.length; at++) sum += data[at]! * y[at]!;
      }
      return sum;
    };
    const found = await backward.run(feeds);
    for (const [i, { shape }] of inputs.entries()) {
      const gradient = found[`g${i}`]!;
      if (gradient.shape.join() !== shape.join())
        throw new Error(`${what}: gradient of input ${i} is [${gradient.shape}], not [${shape}]`);
      const moved = feeds[`x${i}`]!.data;
      const differences = new Float64Array(moved.length);
      for (let at = 0; at < moved.length; at++) {
        const here = moved[at]!;
        const difference = async (by: number): Promise<number> => {
          moved[at] = here + by;
          const above = { at: moved[at]!, loss: await loss() };
          moved[at] = here - by;
          const below = { at: moved[at]!, loss: await loss() };
          moved[at] = here;
          return (above.loss - below.loss) / (above.at - below.at);
        };
        // Of two steps, so that the third derivative cancels: it is in the thousands where a norm
        // of few elements comes near 0.
        differences[at] = (4 * (await difference(step)) - (await difference(2 * step))) / 3;
      }
      compare(`${what}: input ${i} [${shape}]`, gradient.data, differences, tolerance);
    }
  } finally {
    await forward.release();
    await backward.release();
  }
}

function compare(
  what: string,
  gradient: ArrayLike<number>,
  differences: Float64Array,
  tolerance: number,
): void {
  const largest = differences.reduce((max, value) => Math.max(max, Math.abs(value)), 0.01);
  for (let at = 0; at < differences.length; at++) {
    const error = Math.abs(gradient[at]! - differences[at]!) / largest;
    if (!(error <= tolerance))
      throw new Error(
        `${what}, element ${at}: gradient ${gradient[at]}, central difference ${differences[at]} (relative error ${error.toExponential(1)})`,
      );
  }
}

/**
 * Numbers from an evenly spaced range in random order: all of them different and none of them 0, so
 * that no kink lies within two steps of them.
 */
export function spread(
  shape: Shape,
  seed: number,
  { float = 'float64', from = -1.5, to = 1.5 }: { float?: FloatType; from?: number; to?: number },
): Tensor {
  const size = sizeOf(shape);
  const order = new Random(`spread ${seed}`).permutation(size);
  const data = Array.from(order, (place) => from + ((to - from) * (place + 0.37)) / size);
  return { shape, data: float === 'float64' ? Float64Array.from(data) : Float32Array.from(data) };
}
