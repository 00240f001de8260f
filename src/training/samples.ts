import type { Clip } from '../datasets/clip.ts';
import { sizeOf } from '../graph/index.ts';
import { clipLength, clipOffsets, type ModelConfiguration } from '../model/configuration.ts';
import { clipShape } from '../model/input.ts';
import { Random } from '../nn/random.ts';
import type { Feed } from '../runtime/session.ts';
import type { Segment } from './hold-out.ts';

/** A window of frames for training, ending with the frame `end` of a clip. */
export interface Sample {
  readonly clip: Clip;
  readonly end: number;
  /** Frames of the clip per frame of the model: 2 is footage at twice its speed. */
  readonly pace: number;
}

/** Frames that a sample spans. */
const sampleLength = (c: ModelConfiguration, pace: number): number =>
  pace * (clipLength(c) - 1) + 1;

/** All windows of frames in the segments without a corrupt frame. */
export function samplesOf(
  clips: readonly Clip[],
  segments: readonly Segment[],
  c: ModelConfiguration,
  pace = 1,
): Sample[] {
  const length = sampleLength(c, pace);
  const samples: Sample[] = [];
  for (const { clip: index, start, end } of segments) {
    const clip = clips[index]!;
    const corrupt = clip.corrupt.filter((frame) => frame >= start && frame < end);
    for (let last = start + length - 1; last < end; last++)
      if (!corrupt.some((frame) => frame > last - length && frame <= last))
        samples.push({ clip, end: last, pace });
  }
  return samples;
}

/**
 * Samples by step, from 0. Each epoch shuffles them by seed and epoch alone, so that a resumed run reads
 * the same ones.
 */
export class SampleOrder {
  readonly stepsPerEpoch: number;
  readonly #samples: readonly Sample[];
  readonly #batch: number;
  readonly #seed: string | number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(samples: readonly Sample[], batch: number, seed: string | number) {
    this.#samples = samples;
    this.#batch = batch;
    this.#seed = seed;
    this.stepsPerEpoch = Math.max(1, Math.floor(samples.length / batch));
  }

  of(step: number): Sample[] {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch) {
      const random = new Random(`${this.#seed}:epoch:${epoch}`);
      this.#order = random.permutation(this.#samples.length);
      this.#epoch = epoch;
    }
    const first = (step % this.stepsPerEpoch) * this.#batch;
    return Array.from(
      { length: this.#batch },
      (_, i) => this.#samples[this.#order[(first + i) % this.#order.length]!]!,
    );
  }
}

/** Reads samples as the model's input, bytes `[B, offsets, C, H, W]`. */
export async function readBatch(samples: readonly Sample[], c: ModelConfiguration): Promise<Feed> {
  const shape = clipShape(c, samples.length);
  const data = new Uint8Array(sizeOf(shape));
  await readInto(data, samples, c);
  return { shape, data };
}

/** Reads samples into `place`, bytes `[B, offsets, C, H, W]`. */
export async function readInto(
  place: Uint8Array,
  samples: readonly Sample[],
  c: ModelConfiguration,
): Promise<void> {
  const size = place.length / samples.length;
  await Promise.all(
    samples.map(({ clip, end, pace }, i) => {
      const frames = clipOffsets(c).map((offset) => end - pace * offset);
      return readFrames(place.subarray(i * size, (i + 1) * size), clip, frames);
    }),
  );
}

/** Reads frames, in ascending order, into `place`; consecutive ones in one read. */
export async function readFrames(
  place: Uint8Array,
  clip: Clip,
  frames: readonly number[],
): Promise<void> {
  const size = place.length / frames.length;
  const reads: Promise<void>[] = [];
  let first = 0;
  frames.forEach((frame, i) => {
    if (frames[i + 1] === frame + 1) return;
    reads.push(clip.readInto(place.subarray(first * size, (i + 1) * size), frames[first]!));
    first = i + 1;
  });
  await Promise.all(reads);
}
