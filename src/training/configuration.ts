import { z } from 'zod';
import type { Preset } from '../model/presets.ts';
import { pseudoKinds } from './pseudo/compose.ts';

const weight = z.number().min(0);

/** Clips that one step may have. */
export const MOST_CLIPS = 256;

/** How a model is trained; every default is the same for all presets and data sets. */
export const trainingConfiguration = z.strictObject({
  /** Clips in one step. */
  batch: z.int().min(1).max(MOST_CLIPS).default(4),
  /** Peak of the learning rate, after the warm-up; it falls to a hundredth as a cosine. */
  learningRate: z.number().positive().default(1e-3),
  /** Share of the steps in which the learning rate grows. */
  warmUp: z.number().min(0).max(1).default(0.05),
  weightDecay: z.number().min(0).default(0.01),
  /** Largest norm of the gradient; a larger one is scaled down. */
  clipNorm: z.number().positive().default(1),
  /** Decay of the averaged weights (EMA), which are the result. */
  averaging: z.number().min(0).max(1).default(0.998),
  /** Share of the normal footage that is held out: validation, statistics, threshold. */
  heldOut: z.number().min(0.02).max(0.5).default(0.2),
  /** Share of a batch that is not decoded; only its pace is judged. */
  judged: z.number().min(0).max(0.75).default(0.5),
  /** The pseudo-anomalies that the judge of the pace is taught to find; others are left to try it by. */
  taught: z
    .array(z.enum(pseudoKinds).exclude(['control']))
    .default(['fast', 'gliding', 'backwards']),
  /** Weights of the terms of the loss. */
  losses: z
    .strictObject({
      /** The decoded frame, and the decoded difference: log of the squared error. */
      appearance: weight.default(1),
      motion: weight.default(1),
      /** Squared error of the image gradient, beside the squared error of the pixels. */
      imageGradient: weight.default(0.5),
      /** Overlap of the decomposed parts. */
      overlap: weight.default(0.3),
      /** Memories: distance to the nearest prototype, and of the second to it. */
      compactness: weight.default(0.1),
      separation: weight.default(0.1),
      /** Memories: how unevenly the prototypes are used. */
      balance: weight.default(0.1),
      /** Attention over the time scales: how unevenly they are used where something moves. */
      timeBalance: weight.default(0.1),
      /** Cross entropy of the pace. */
      pace: weight.default(1),
    })
    .prefault({}),
});

export type TrainingConfiguration = z.infer<typeof trainingConfiguration>;
export type LossWeights = TrainingConfiguration['losses'];

/** Clips in one step, for each preset: enough to keep two cores busy, few enough for the memory. A GPU wants more. */
export const PRESET_BATCH: Readonly<Record<Preset, number>> = { tiny: 16, small: 4, base: 4 };

/** Clips of a batch of which only the pace is judged. */
export const judgedClips = ({
  batch,
  judged,
}: Pick<TrainingConfiguration, 'batch' | 'judged'>): number => Math.floor(judged * batch);

/** AdamW's moments (Loshchilov and Hutter, ICLR 2019). */
export const BETA1 = 0.9;
export const BETA2 = 0.999;
