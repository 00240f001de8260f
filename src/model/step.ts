import { sub } from '../graph/index.ts';
import type { Net } from '../nn/parameters.ts';
import { patchify } from '../nn/patches.ts';
import { CELL, type ModelConfiguration, newestOf, newestSeen } from './configuration.ts';
import type { FrameAt } from './input.ts';
import { m2s2l, type Outputs } from './m2s2l.ts';
import { encodeSteps, type StepFeatures, type TimeScale } from './temporal.ts';

/**
 * M2S2L on a stream, first graph: features of the newest difference of each time scale, which depend on
 * two frames only. The stream caches `inner` for the window of {@link m2s2lStep}.
 */
export function encodeDifferences(net: Net, c: ModelConfiguration, frame: FrameAt): StepFeatures[] {
  return c.temporal.strides.map((stride, scale) => {
    const newest = newestOf(c, stride);
    const difference = sub(frame(newest), frame(newest + stride));
    return encodeSteps(net, c, scale, patchify(difference, CELL));
  });
}

/**
 * M2S2L on a stream, second graph: everything after the features of the differences. Gives the same
 * numbers as `m2s2lClip` on the clip that ends with the scored frame.
 * @param scales cached features of each time scale's steps, and the newest step's token
 */
export function m2s2lStep(
  net: Net,
  c: ModelConfiguration,
  frame: FrameAt,
  scales: readonly TimeScale[],
): Outputs {
  const newest = newestSeen(c);
  return m2s2l(net, c, {
    frame,
    newest: {
      patches: (size) => patchify(frame(newest), size),
      difference: () => patchify(sub(frame(newest), frame(newest + c.temporal.strides[0]!)), CELL),
    },
    scales,
    decoded: scales[0]!.newest.shape[0]!,
  });
}
