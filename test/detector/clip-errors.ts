import { Graph, sizeOf } from '../../src/graph/index.ts';
import { m2s2lClip } from '../../src/model/clip.ts';
import {
  CELL,
  cellGrid,
  clipLength,
  clipOffsets,
  type ModelConfiguration,
} from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { clipInput } from '../../src/model/input.ts';
import { initialise, TrainedNet, type Weights } from '../../src/nn/parameters.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import type { CellErrors } from '../../src/scoring/blocks.ts';

/**
 * The errors of a stream, plainly: every frame's clip goes through the clip graph by itself, and its
 * errors are pooled here. What the detector must equal.
 */
export async function clipErrors(
  c: ModelConfiguration,
  weights: Weights,
  frames: readonly Uint8Array[],
): Promise<(CellErrors | undefined)[]> {
  const graph = new Graph();
  const input = clipInput(graph, c, 1);
  const { appearance, motion, frame, difference, pace } = m2s2lClip(
    new TrainedNet(graph, weights),
    c,
    input,
  );
  const session = await Session.compile({
    ...(appearance && { appearance, frame }),
    ...(motion && { motion, difference }),
    ...(pace && { logit: pace.logit, movement: pace.movement }),
  });
  try {
    const errors: (CellErrors | undefined)[] = [];
    for (let now = 0; now < frames.length; now++) {
      if (now < clipLength(c) - 1) {
        errors.push(undefined);
        continue;
      }
      const clip = clipOffsets(c).map((offset) => frames[now - offset]!);
      const data = new Uint8Array(sizeOf(input.shape));
      clip.forEach((picture, i) => {
        data.set(picture, i * picture.length);
      });
      const results = await session.run({ frames: { shape: input.shape, data } });
      errors.push({
        grid: cellGrid(c),
        appearance: pooled(c, results.appearance, results.frame),
        motion: pooled(c, results.motion, results.difference),
        expectedMotion:
          results.logit && pooled(c, results.motion, results.difference, results.logit),
        pace: surprise(results.logit, results.movement),
      });
    }
    return errors;
  } finally {
    await session.release();
  }
}

/**
 * Mean squared difference of two pictures, `[1, C, H, W]`, in each cell.
 * @param odds log odds, `[1, cells]`, that what is decoded is odd, and not to be expected
 */
function pooled(
  { input: { channels, height, width } }: ModelConfiguration,
  decoded: Tensor | undefined,
  target: Tensor | undefined,
  odds?: Tensor,
): Float32Array | undefined {
  if (!decoded || !target) return undefined;
  const sums = new Float64Array((height / CELL) * (width / CELL));
  decoded.data.forEach((value, i) => {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const cell = Math.floor(y / CELL) * (width / CELL) + Math.floor(x / CELL);
    const expected = odds ? value / (1 + Math.exp(odds.data[cell]!)) : value;
    sums[cell]! += (expected - target.data[i]!) ** 2;
  });
  return Float32Array.from(sums, (sum) => sum / (channels * CELL * CELL));
}

/** How surprising the pace is: `-ln P` of the usual one, as far as there is movement. */
function surprise(logit: Tensor | undefined, movement: Tensor | undefined) {
  if (!logit || !movement) return undefined;
  return Float32Array.from(logit.data, (odds, i) => movement.data[i]! * Math.log1p(Math.exp(odds)));
}

/**
 * Parameters as they start, but for the last kernels of the decoders and of the pace: these start near
 * nothing, and then the errors would hardly depend on what was seen.
 */
export function livelyWeights(c: ModelConfiguration): Weights {
  return new Map(
    parameterSpecs(c).map((spec) => {
      const start = initialise([spec], 1);
      const last = /(pixels|logit)\.weight$/.test(spec.name);
      const data = last ? start.map((value) => value * 20) : start;
      return [spec.name, { shape: spec.shape, data }];
    }),
  );
}
