import type { ModelConfiguration, Task } from './configuration.ts';

export const PRESETS = ['tiny', 'small', 'base'] as const;
export type Preset = (typeof PRESETS)[number];

const shared = {
  scan: 'ssd',
  expand: 1,
  decomposition: true,
  pace: true,
  paceWidth: 48,
  memoryBypass: false,
} as const;

type Sized = Omit<ModelConfiguration, 'task' | 'decoders' | 'spatial' | 'temporal'> & {
  spatial: Omit<ModelConfiguration['spatial'], 'fusion'>;
  temporal: Omit<ModelConfiguration['temporal'], 'hideTarget'>;
  decoders: Omit<ModelConfiguration['decoders'], 'skip'>;
};

const sizes: Readonly<Record<Preset, Sized>> = {
  /** For low-resolution cameras and tests. Two routes, since moving data dominates at this size. */
  tiny: {
    ...shared,
    input: { width: 128, height: 64, channels: 1 },
    state: 8,
    headDim: 24,
    spatial: {
      scales: [
        { patch: 4, width: 24, depth: 1 },
        { patch: 8, width: 24, depth: 1 },
        { patch: 16, width: 24, depth: 1 },
      ],
      routes: 2,
    },
    temporal: { strides: [1, 2, 4], steps: 3, width: 24 },
    fusedWidth: 32,
    partWidth: 24,
    memorySlots: 32,
    placeWidth: 16,
    decoders: { branches: ['appearance', 'motion'], coarseWidth: 32, fineWidth: 16, depth: 1 },
  },
  /**
   * The default. Two routes: the time is better spent on the decoders, whose convolutions run near
   * the speed of a matrix product.
   */
  small: {
    ...shared,
    input: { width: 256, height: 256, channels: 1 },
    state: 8,
    headDim: 32,
    spatial: {
      scales: [
        { patch: 4, width: 32, depth: 1 },
        { patch: 8, width: 64, depth: 1 },
        { patch: 16, width: 96, depth: 1 },
      ],
      routes: 2,
    },
    temporal: { strides: [1, 2, 4], steps: 4, width: 64 },
    fusedWidth: 64,
    partWidth: 48,
    memorySlots: 64,
    placeWidth: 32,
    decoders: { branches: ['appearance', 'motion'], coarseWidth: 96, fineWidth: 24, depth: 1 },
  },
  /**
   * The paper's size: 14.9 M parameters and 20.1 GFLOPs. Most parameters are at the coarse scale, where
   * tokens are few and cost little.
   */
  base: {
    ...shared,
    input: { width: 256, height: 256, channels: 1 },
    state: 16,
    headDim: 64,
    spatial: {
      scales: [
        { patch: 4, width: 64, depth: 2 },
        { patch: 8, width: 320, depth: 4 },
        { patch: 16, width: 576, depth: 4 },
      ],
      routes: 4,
    },
    temporal: { strides: [1, 2, 4], steps: 4, width: 192 },
    fusedWidth: 320,
    partWidth: 192,
    memorySlots: 256,
    placeWidth: 256,
    decoders: { branches: ['appearance', 'motion'], coarseWidth: 256, fineWidth: 64, depth: 2 },
  },
};

/**
 * Configuration of a preset. The motion decoder has a skip connection only where the target is hidden
 * from the encoders, since it bypasses the memories otherwise. The appearance decoder has none: it would
 * copy anything that stands still.
 */
export function presetConfiguration(
  preset: Preset,
  task: Task = 'reconstruct',
  input: Partial<ModelConfiguration['input']> = {},
): ModelConfiguration {
  const sized = sizes[preset];
  return {
    ...sized,
    input: { ...sized.input, ...input },
    task,
    spatial: { ...sized.spatial, fusion: 'cell' },
    temporal: { ...sized.temporal, hideTarget: true },
    decoders: { ...sized.decoders, skip: task === 'predict' ? ['motion'] : [] },
  };
}
