import {
  type ActivationRanges,
  Graph,
  neg,
  type Range,
  reduceMax,
  type Value,
} from '../graph/index.ts';
import { m2s2lClip } from '../model/clip.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { clipInput } from '../model/input.ts';
import { TrainedNet, type Weights } from '../nn/parameters.ts';
import { Session } from '../runtime/session.ts';

/** What convolutions are fed and give, by their modules. */
export type ConvolutionRanges = ReadonlyMap<string, ActivationRanges>;

const DECODERS = 'decoder.';
/**
 * What stays as it is: the last convolution, whose rounding would be part of every error, and that of
 * the places, which the runtime computes once.
 */
const LEFT = ['.pixels', '.placed'];

/**
 * The ranges of the convolutions that int8 is for, over some clips.
 * @param clips bytes `[offsets, C, H, W]` of the frames of `clipOffsets` each; at least one
 */
export async function activationRanges(
  c: ModelConfiguration,
  weights: Weights,
  clips: AsyncIterable<Uint8Array>,
): Promise<ConvolutionRanges> {
  const graph = new Graph();
  const frames = clipInput(graph, c, 1);
  m2s2lClip(new TrainedNet(graph, weights), c, frames);
  const convolutions = graph.nodes.filter(
    ({ primitive, module }) =>
      primitive.name === 'conv2d' &&
      module.startsWith(DECODERS) &&
      !LEFT.some((name) => module.endsWith(name)),
  );
  const outputs: Record<string, Value> = {};
  for (const { module, inputs, outputs: results } of convolutions)
    for (const [side, value] of [
      ['input', inputs[0]!],
      ['output', results[0]!],
    ] as const) {
      outputs[`${module} ${side} least`] = reduceMax(neg(value));
      outputs[`${module} ${side} greatest`] = reduceMax(value);
    }
  const extremes = new Map<string, number>();
  const session = await Session.compile(outputs, { spinning: false });
  try {
    for await (const data of clips)
      for (const [name, { data: most }] of Object.entries(
        await session.run({ frames: { shape: frames.shape, data } }),
      ))
        extremes.set(name, Math.max(most[0]!, extremes.get(name) ?? Number.NEGATIVE_INFINITY));
  } finally {
    await session.release();
  }
  const range = (what: string): Range => [
    -extremes.get(`${what} least`)!,
    extremes.get(`${what} greatest`)!,
  ];
  return new Map(
    convolutions.map(({ module }) => [
      module,
      { input: range(`${module} input`), output: range(`${module} output`) },
    ]),
  );
}
