import type { RehearsalJob, Rehearsed } from '../parts.ts';

export interface ToRehearser {
  readonly job: RehearsalJob;
}

export type FromRehearser =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'rehearsed'; readonly rehearsed: Rehearsed }
  /** A user's mistake, in one line. */
  | { readonly kind: 'refused'; readonly reason: string };
