import { reduceMean, reshape, square, sub, type Value } from '../graph/index.ts';
import { type Branch, CELL, cellGrid, type ModelConfiguration } from './configuration.ts';
import type { Outputs } from './m2s2l.ts';
import { paceSurprise } from './pace.ts';

/** What is not normal, on the grid of cells, `[B, cells]`: the error of each decoder, and the pace. */
export function errorMaps(
  c: ModelConfiguration,
  outputs: Pick<Outputs, Branch | 'frame' | 'difference' | 'pace'>,
): Partial<Record<Branch | 'pace', Value>> {
  const targets = { appearance: outputs.frame, motion: outputs.difference };
  const maps: Partial<Record<Branch | 'pace', Value>> = Object.fromEntries(
    c.decoders.branches.map((branch) => [
      branch,
      cellErrors(c, sub(outputs[branch]!, targets[branch])),
    ]),
  );
  if (outputs.pace) maps.pace = paceSurprise(outputs.pace);
  return maps;
}

/** Mean squared error of each cell of 8x8 pixels: `[B, C, H, W] -> [B, cells]`. */
function cellErrors(c: ModelConfiguration, error: Value): Value {
  const [batch, channels] = error.shape as [number, number, number, number];
  const { height, width } = cellGrid(c);
  const cut = reshape(square(error), [batch, channels, height, CELL, width, CELL]);
  return reshape(reduceMean(cut, [1, 3, 5]), [batch, height * width]);
}
