import type { FrameFormat } from './frame.ts';
import { type Picture, toGray } from './picture.ts';

/** Half a step, for rounding; a mean that is a half but for the error of its sum still rounds up. */
const half = 0.5 + 1e-9;

/**
 * Brings a picture to a format by area averaging: each output pixel is the mean of the area of
 * the input that it covers (an exact box filter, edges by their fraction), rounded to the nearest.
 * The same rule enlarges: nearest neighbour, mixed where an input edge falls inside a pixel.
 * Gray is made before resizing (BT.601).
 * @returns planar bytes `[channels, height, width]`, always a copy
 */
export function resample(picture: Picture, format: FrameFormat): Uint8Array {
  const input = format.channels === 1 ? toGray(picture) : picture;
  const plane = format.width * format.height;
  const output = new Uint8Array(format.channels * plane);
  if (input.width === format.width && input.height === format.height) copy(input, output);
  else average(input, format, output);
  // A gray picture asked for in RGB: all three planes are its luma.
  for (let channel = input.channels; channel < format.channels; channel++) {
    output.copyWithin(channel * plane, 0, plane);
  }
  return output;
}

function copy({ width, height, stride, channels, data }: Picture, output: Uint8Array): void {
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const row = y * stride + channel;
      const end = row + width * channels;
      for (let at = row; at < end; at += channels) output[to++] = data[at]!;
    }
  }
}

function average(input: Picture, { width, height }: FrameFormat, output: Uint8Array): void {
  const { channels } = input;
  const length = input.width * channels;
  const stepX = input.width / width;
  const stepY = input.height / height;
  const rows = new Float64Array(length);
  // sums[i]: all values of the same channel left of i, so that any stretch is one difference.
  const sums = new Float64Array(length + channels);
  const scale = 1 / (stepX * stepY);
  const reach = (x: number, channel: number) => {
    const whole = Math.min(Math.floor(x), input.width - 1);
    const at = whole * channels + channel;
    return sums[at]! + (x - whole) * rows[at]!;
  };
  for (let y = 0; y < height; y++) {
    addRows(input, y * stepY, Math.min((y + 1) * stepY, input.height), rows);
    for (let i = 0; i < length; i++) sums[i + channels] = sums[i]! + rows[i]!;
    for (let channel = 0; channel < channels; channel++) {
      const to = (channel * height + y) * width;
      let before = 0;
      for (let x = 0; x < width; x++) {
        const upTo = reach((x + 1) * stepX, channel);
        output[to + x] = (upTo - before) * scale + half;
        before = upTo;
      }
    }
  }
}

/** The sum of the rows from `begin` to `end`, those at the edges by the part that lies within. */
function addRows(input: Picture, begin: number, end: number, rows: Float64Array): void {
  rows.fill(0);
  for (let y = Math.floor(begin); y < end; y++) {
    const weight = Math.min(y + 1, end) - Math.max(y, begin);
    const row = y * input.stride;
    for (let i = 0; i < rows.length; i++) rows[i]! += weight * input.data[row + i]!;
  }
}
