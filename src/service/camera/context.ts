import type { Logger } from 'pino';
import type { LiveScore } from '../contract/live.ts';
import type { DataFolder } from '../files/data-folder.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import type { DecoderFactory, Inference, Learner, Store } from '../parts.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { EventLog } from './event-log.ts';
import type { ModelChecks } from './model-checks.ts';

/** What the lives of cameras know of `StoredFiles`. */
type Files = Pick<
  ServiceFiles,
  | 'eventFolder'
  | 'noClips'
  | 'eventWritten'
  | 'removeEvent'
  | 'footageWritten'
  | 'removeFootage'
  | 'fetch'
>;

/** What the lives of all cameras share. */
export interface CameraContext {
  readonly store: Store;
  readonly events: EventLog;
  readonly decoders: DecoderFactory;
  readonly inference: Inference;
  readonly learner: Learner;
  readonly models: ModelChecks;
  readonly folder: DataFolder;
  readonly files: Files;
  readonly schedule: Pick<Schedule, 'inForce' | 'quiet' | 'snoozedUntil'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Milliseconds without pictures after which a camera is offline. */
  readonly grace: number;
  readonly onChange: (camera: string) => void;
  readonly onRemoved: (camera: { readonly id: string; readonly name: string }) => void;
  readonly onScore: (score: LiveScore) => void;
}
