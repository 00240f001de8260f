import { concat, mul, reshape, slice, sub, toReal, type Value } from '../graph/index.ts';
import type { Net } from '../nn/parameters.ts';
import { patchify } from '../nn/patches.ts';
import {
  CELL,
  clipOffsets,
  type ModelConfiguration,
  newestOf,
  newestSeen,
} from './configuration.ts';
import { BYTE, scaled } from './input.ts';
import { type Alter, m2s2l, type Outputs } from './m2s2l.ts';
import { encodeSteps, type TimeScale } from './temporal.ts';

/**
 * M2S2L on clips. Frames are cut into cells once, while they are still bytes: the runtime transposes
 * bytes eight times as fast as floats.
 * @param frames those of {@link clipOffsets} as bytes, oldest first, `[B, offsets, C, H, W]`
 * @param decoded clips to decode, from the first; the others only get the pace head
 */
export function m2s2lClip(
  net: Net,
  c: ModelConfiguration,
  frames: Value,
  decoded = frames.shape[0]!,
  alter?: Alter,
): Outputs {
  const [batch, count, ...picture] = frames.shape as [number, number, number, number, number];
  const offsets = clipOffsets(c);
  const bytes = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return reshape(slice(frames, 1, at, at + 1), [batch, ...picture]);
  };
  const cut = toReal(patchify(reshape(frames, [batch * count, ...picture]), CELL));
  const [, cells, pixels] = cut.shape as [number, number, number];
  const byClip = reshape(cut, [batch, count, cells, pixels]);
  const cellsOf = (offset: number): Value => {
    const at = offsets.indexOf(offset);
    return slice(byClip, 1, at, at + 1); // [B, 1, cells, C * p * p]
  };
  const inBytes = (newer: number, older: number): Value => sub(cellsOf(newer), cellsOf(older));
  const { steps } = c.temporal;
  const scales = c.temporal.strides.map((stride, scale): TimeScale => {
    const newest = newestOf(c, stride);
    const back = Array.from({ length: steps }, (_, i) => newest + (steps - 1 - i) * stride);
    const differences = back.map((offset) => inBytes(offset, offset + stride));
    const all = mul(reshape(concat(differences, 1), [batch * steps, cells, pixels]), BYTE);
    const { token, inner } = encodeSteps(net, c, scale, all);
    const apart = (x: Value): Value => reshape(x, [batch, steps, ...x.shape.slice(1)]);
    const last = slice(apart(token), 1, steps - 1, steps);
    return { steps: apart(inner), newest: reshape(last, [batch, cells, c.temporal.width]) };
  });
  const newest = newestSeen(c);
  const inCells = (x: Value): Value => reshape(x, [batch, cells, pixels]);
  return m2s2l(
    net,
    c,
    {
      frame: (offset) => scaled(bytes(offset)),
      newest: {
        patches: (size) =>
          scaled(size === CELL ? inCells(cellsOf(newest)) : patchify(bytes(newest), size)),
        difference: () => mul(inCells(inBytes(newest, newest + c.temporal.strides[0]!)), BYTE),
      },
      scales,
      decoded,
    },
    alter,
  );
}
