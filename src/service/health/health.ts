import { version } from '../../version.ts';
import type { ServiceStatus } from '../contract/settings.ts';

export interface HealthSources {
  notices(): readonly string[];
  storage(): ServiceStatus['storage'];
  outbox(): ServiceStatus['outbox'];
  mqtt(): ServiceStatus['mqtt'];
}

/** How the service as a whole is doing. */
export class Health {
  /** Whether frames can be scored. */
  scoring = false;
  readonly #sources: HealthSources;
  readonly #started = Date.now();

  constructor(sources: HealthSources) {
    this.#sources = sources;
  }

  status(): ServiceStatus {
    return {
      version,
      started: this.#started,
      notices: [...this.#sources.notices()],
      storage: this.#sources.storage(),
      outbox: this.#sources.outbox(),
      mqtt: this.#sources.mqtt(),
    };
  }

  /** Whether everything that the service needs has started; else the reason it waits. */
  ready(): { readonly ready: boolean; readonly reason: string } {
    return this.scoring
      ? { ready: true, reason: 'it watches' }
      : { ready: false, reason: 'scoring starts' };
  }
}
