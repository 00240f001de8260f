import type { LiveMessages } from '../announcer/live-messages.ts';
import type { Cameras } from '../camera/cameras.ts';
import type { EventArchive } from '../camera/event-archive.ts';
import type { SettingsInForce } from '../config/settings-in-force.ts';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { DecoderFactory } from '../parts.ts';
import type { Schedule } from '../schedule/schedule.ts';

/**
 * The parts of the service that routes call. For an id that does not exist they return `undefined`,
 * which becomes a 404. They throw `UserError` for what makes no sense (400) and `SetInFile` for what
 * the configuration file holds (409).
 */
export interface ServedParts {
  readonly cameras: Cameras;
  /** Tries a source before it is added. */
  readonly sources: Pick<DecoderFactory, 'test'>;
  readonly events: EventArchive;
  readonly settings: SettingsInForce;
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'text'>;
  readonly live: LiveMessages;
  readonly schedule: Schedule;
}
