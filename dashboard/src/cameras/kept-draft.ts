import type { LearningSettings } from '../../../src/service/contract/camera.ts';
import type { SourceDraft } from './source.ts';

/** A camera that is being added, as it is kept over a reload. */
export interface KeptDraft {
  readonly step: number;
  readonly draft: SourceDraft;
  readonly name: string;
  readonly learning: LearningSettings;
  readonly alarmsPerDay: number;
}

const KEY = 'm2s2l-new-camera';

/** Keeps it in this tab; a password is kept nowhere. */
export function keepDraft(kept: KeptDraft): void {
  const draft = { ...kept.draft, password: '' };
  // Where a password was typed, the address is where to go on.
  const step = kept.draft.password ? Math.min(1, kept.step) : kept.step;
  sessionStorage.setItem(KEY, JSON.stringify({ ...kept, draft, step }));
}

/** What was kept; undefined where nothing was, or it is of another version. */
export function keptDraft(): KeptDraft | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as KeptDraft | null;
    return kept?.draft?.kind && kept.learning ? kept : undefined;
  } catch {
    return undefined;
  }
}

export const forgetDraft = (): void => sessionStorage.removeItem(KEY);
