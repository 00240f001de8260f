import type { CameraSettings } from '../contract/camera.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import { type Profiles, underProfile } from './profiles.ts';
import type { Snoozes } from './snoozes.ts';

/** What of a camera is different now, by the profile in force or since it is snoozed. */
export class Schedule {
  readonly profiles: Profiles;
  readonly snoozes: Snoozes;

  constructor(profiles: Profiles, snoozes: Snoozes) {
    this.profiles = profiles;
    this.snoozes = snoozes;
  }

  start(): void {
    this.profiles.start();
    this.snoozes.start();
  }

  /** Another process may have changed what was chosen. */
  reread(): void {
    this.profiles.reread();
    this.snoozes.start();
  }

  /** Called once a second. */
  tick(): void {
    this.profiles.look();
    this.snoozes.tick();
  }

  /** A camera's settings as they are in force. */
  inForce(camera: string, settings: CameraSettings): CameraSettings {
    return underProfile(settings, this.profiles.of(camera));
  }

  /** Why a camera's alarms are not sent; null where they are. */
  quiet(camera: string): Exclude<AnomalyEvent['quiet'], 'trial'> {
    if (this.snoozedUntil(camera) !== null) return 'snoozed';
    return this.profiles.of(camera)?.notify?.length === 0 ? 'profile' : null;
  }

  /** Names of the channels that receive a camera's alarms; undefined: all. */
  channels(camera: string): readonly string[] | undefined {
    return this.profiles.of(camera)?.notify;
  }

  snoozedUntil(camera: string): number | null {
    return this.snoozes.until(camera);
  }
}
