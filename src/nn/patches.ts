import { reshape, transpose, type Value } from '../graph/index.ts';

/** Pictures cut into patches: `[B, C, H, W] -> [B, (H/p) * (W/p), C * p * p]`. */
export function patchify(x: Value, patch: number): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [rows, columns] = [height / patch, width / patch];
  const cut = reshape(x, [batch, channels, rows, patch, columns, patch]);
  const together = transpose(cut, [0, 2, 4, 1, 3, 5]); // [B, rows, columns, C, p, p]
  return reshape(together, [batch, rows * columns, channels * patch * patch]);
}

/** Patches put together to pictures: `[B, C * p * p, H, W] -> [B, C, H * p, W * p]` (pixel shuffle). */
export function unpatchify(x: Value, patch: number): Value {
  const [batch, wide, height, width] = x.shape as [number, number, number, number];
  const channels = wide / (patch * patch);
  const apart = reshape(x, [batch, channels, patch, patch, height, width]);
  const placed = transpose(apart, [0, 1, 4, 2, 5, 3]); // [B, C, H, p, W, p]
  return reshape(placed, [batch, channels, height * patch, width * patch]);
}

/** Groups of `factor` x `factor` tokens as one: `[B, H * W, C] -> [B, H * W / factor², C * factor²]`. */
export function mergeTokens(x: Value, height: number, width: number, factor: number): Value {
  const [batch, , channels] = x.shape as [number, number, number];
  const [rows, columns] = [height / factor, width / factor];
  const cut = reshape(x, [batch, rows, factor, columns, factor, channels]);
  const together = transpose(cut, [0, 1, 3, 2, 4, 5]);
  return reshape(together, [batch, rows * columns, factor * factor * channels]);
}

/** Every token as `factor` x `factor`: `[B, H * W, C * factor²] -> [B, H * W * factor², C]`. */
export function splitTokens(x: Value, height: number, width: number, factor: number): Value {
  const [batch, , wide] = x.shape as [number, number, number];
  const channels = wide / (factor * factor);
  const apart = reshape(x, [batch, height, width, factor, factor, channels]);
  const placed = transpose(apart, [0, 1, 3, 2, 4, 5]);
  return reshape(placed, [batch, height * width * factor * factor, channels]);
}
