import type { ScoringJob } from './scoring-job.ts';

export interface ToScorer {
  readonly job: Pick<ScoringJob, 'fps' | 'regions'>;
  /** A model folder. */
  readonly model: string;
  readonly video: string;
  /** The file that the scores go to. */
  readonly out: string;
}

export type FromScorer =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'scored' }
  /** A user's mistake, in one line. */
  | { readonly kind: 'refused'; readonly reason: string };
