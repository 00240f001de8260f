import { z } from 'zod';
import type { Preset } from '../model/presets.ts';
import { alterationKinds } from './synthetic/compose.ts';

const weight = z.number().min(0);

/** Most clips in one step. */
export const MOST_CLIPS = 256;

/** How a model is trained; every default is the same for all presets and data sets. */
export const trainingConfiguration = z.strictObject({
  /** Clips in one step. */
  batch: z.int().min(1).max(MOST_CLIPS).default(4),
  /** Peak learning rate, after the warm-up; cosine decay to a hundredth. */
  learningRate: z.number().positive().default(1e-3),
  /** Share of the run in which the learning rate rises. */
  warmUp: z.number().min(0).max(1).default(0.05),
  weightDecay: z.number().min(0).default(0.01),
  /** Gradients of a larger norm are scaled down to it. */
  clipNorm: z.number().positive().default(1),
  /** Decay of the averaged weights (EMA), which are the result. */
  averaging: z.number().min(0).max(1).default(0.998),
  /** Share of the normal footage held out for validation, statistics and threshold. */
  heldOut: z.number().min(0.02).max(0.5).default(0.2),
  /** Share of a batch that trains the pace head only and is not decoded. */
  judged: z.number().min(0).max(0.75).default(0.5),
  /** Kinds of synthetic anomalies that the pace head is trained on; the others are left for testing it. */
  taught: z
    .array(z.enum(alterationKinds).exclude(['control']))
    .default(['fast', 'gliding', 'backwards']),
  /** Weights of the terms of the loss. */
  losses: z
    .strictObject({
      /** Log of the squared error of the decoded frame and of the decoded difference. */
      appearance: weight.default(1),
      motion: weight.default(1),
      /** Squared error of the image gradient, relative to that of the pixels. */
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

/** Default batch of each preset: enough to keep two cores busy within modest memory. A GPU wants more. */
export const PRESET_BATCH: Readonly<Record<Preset, number>> = { tiny: 16, small: 4, base: 4 };

/** Clips of a batch that train the pace head only. */
export const paceClips = ({
  batch,
  judged,
}: Pick<TrainingConfiguration, 'batch' | 'judged'>): number => Math.floor(judged * batch);

/** AdamW's moments (Loshchilov and Hutter, ICLR 2019). */
export const BETA1 = 0.9;
export const BETA2 = 0.999;
