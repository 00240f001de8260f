import { Decoders } from './decoder/decoders.ts';
import { SharedInference } from './inference/shared-inference.ts';
import { FootageLearner } from './learning/footage-learner.ts';
import type { DecoderFactory, Inference, InferenceListener, Learner, Rehearser } from './parts.ts';

/** The parts that do their work in processes of their own. */
export interface ServiceProcesses {
  readonly decoders: DecoderFactory;
  readonly inference: (listener: InferenceListener) => Inference;
  readonly learner: Learner;
  /** Default: a `FootageRehearser`. */
  readonly rehearser?: Rehearser;
}

export const ownProcesses = (): ServiceProcesses => ({
  decoders: new Decoders(),
  inference: (listener) => new SharedInference(listener),
  learner: new FootageLearner(),
});
