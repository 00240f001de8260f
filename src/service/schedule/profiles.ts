import { UserError } from '../../errors.ts';
import type { CameraSettings } from '../contract/camera.ts';
import type { Profile, ProfileChoice, ProfileStatus } from '../contract/profile.ts';
import type { ScheduleStore } from '../parts.ts';
import { nextChange, profileAt } from './clock.ts';

/** Which profile is in force: the one that a person chose, else the clock's. */
export class Profiles {
  readonly #store: Pick<ScheduleStore, 'chosenProfile' | 'chooseProfile'>;
  readonly #profiles: () => readonly Profile[];
  readonly #onChange: () => void;
  #chosen: string | null | undefined;
  #announced: string | undefined;

  /** @param onChange called when another profile is in force, or the same one says something else */
  constructor(
    store: Pick<ScheduleStore, 'chosenProfile' | 'chooseProfile'>,
    profiles: () => readonly Profile[],
    onChange: () => void,
  ) {
    this.#store = store;
    this.#profiles = profiles;
    this.#onChange = onChange;
  }

  /** Reads what was chosen before. */
  start(): void {
    this.#chosen = this.#store.chosenProfile();
    this.#announced = JSON.stringify(this.current ?? null);
  }

  /** Reads again what was chosen: another process may have. */
  reread(): void {
    this.#chosen = this.#store.chosenProfile();
    this.look();
  }

  get current(): Profile | undefined {
    const profiles = this.#profiles();
    const chosen = profiles.find(({ name }) => name === this.#chosen);
    // One that was deleted is left to the clock.
    if (chosen || this.#chosen === null) return chosen;
    return profileAt(profiles, Date.now());
  }

  get status(): ProfileStatus {
    const profiles = this.#profiles();
    const byClock = this.#chosen !== null && !profiles.some(({ name }) => name === this.#chosen);
    return {
      profile: this.current?.name ?? null,
      by: byClock ? 'clock' : 'choice',
      until: byClock ? nextChange(profiles, Date.now()) : null,
      profiles: profiles.map(({ name }) => name),
    };
  }

  /** @throws UserError where there is no such profile */
  choose(choice: ProfileChoice): ProfileStatus {
    const name = choice.by === 'clock' ? undefined : choice.profile;
    if (name != null && !this.#profiles().some((profile) => profile.name === name))
      throw new UserError(`profile: there is none called ${name}`);
    this.#store.chooseProfile(name);
    this.#chosen = name;
    this.look();
    return this.status;
  }

  /** Called once a second, and where the profiles were changed. */
  look(): void {
    const now = JSON.stringify(this.current ?? null);
    if (now === this.#announced) return;
    this.#announced = now;
    this.#onChange();
  }

  /** The one in force, where it concerns a camera. */
  of(camera: string): Profile | undefined {
    const { current } = this;
    return current && (current.cameras?.includes(camera) ?? true) ? current : undefined;
  }
}

/** A camera's settings while a profile is in force. */
export function underProfile(
  settings: CameraSettings,
  profile: Profile | undefined,
): CameraSettings {
  if (!profile) return settings;
  const { alarmsPerDay, zones = {} } = profile;
  return {
    ...settings,
    budget: { ...settings.budget, ...(alarmsPerDay !== undefined && { alarmsPerDay }) },
    regions: settings.regions.map((region) => ({
      ...region,
      alarms: (region.kind === 'zone' ? zones[region.name] : undefined) ?? region.alarms,
    })),
  };
}
