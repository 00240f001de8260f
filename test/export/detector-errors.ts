import { Detector } from '../../src/detector/detector.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import type { Weights } from '../../src/nn/parameters.ts';
import type { CellErrors } from '../../src/scoring/blocks.ts';

interface Learned {
  readonly configuration: ModelConfiguration;
  readonly weights: Weights;
}

/** What our own detector finds in frames, bytes `[C, H, W]` each: the errors of those that have some. */
export async function detectorErrors(
  { configuration, weights }: Learned,
  frames: readonly Uint8Array[],
): Promise<CellErrors[]> {
  const detector = await Detector.create(configuration, weights, { batch: 1 });
  const found: CellErrors[] = [];
  async function* inOrder() {
    yield* frames;
  }
  for await (const errors of detector.errors(inOrder())) if (errors) found.push(errors);
  await detector.release();
  return found;
}
