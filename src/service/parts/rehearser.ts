import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { RehearsalReport } from '../contract/rehearsal.ts';
import type { RecordedFile } from './decoder.ts';

export interface RehearsalJob {
  /** A model folder. */
  readonly model: string;
  /** Recorded files of one camera, in any order. */
  readonly footage: readonly RecordedFile[];
  readonly alarmsPerDay: number;
  /** Odd things to put in; 0 for none. */
  readonly drill: number;
  /** Seconds between two alarms below which they are one. */
  readonly grouping: number;
  readonly regions: readonly PictureRegion[];
}

/** What the footage gave. */
export type Rehearsed = Omit<RehearsalReport, 'learnedHours' | 'from' | 'to' | 'peaks'> & {
  readonly peaks: readonly { readonly time: number; readonly score: number }[];
};

export interface Rehearser {
  /**
   * Jobs run one after another, after everything else on the machine.
   * @param onProgress the share that is done, 0 to 1; first called when it is the job's turn
   * @throws UserError why it cannot be done; the reason of the signal
   */
  rehearse(
    job: RehearsalJob,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Rehearsed>;
  /** Memory of the process of the job under way, in bytes; 0 while there is none. */
  readonly residentBytes: number;
  stop(): Promise<void>;
}
