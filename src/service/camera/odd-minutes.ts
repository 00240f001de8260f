import { join } from 'node:path';
import type { OddMinute } from '../contract/camera.ts';
import type { Verdict } from '../contract/event.ts';
import type { DataFolder } from '../files/data-folder.ts';
import type { StoredFile } from '../files/stored-file.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import type { Store } from '../parts.ts';

export interface OddMinutesOptions {
  readonly store: Pick<Store, 'oddMinutes' | 'judgeOddMinute'>;
  readonly folder: DataFolder;
  readonly files: Pick<ServiceFiles, 'fetch'>;
  readonly isCamera: (id: string) => boolean;
  /** A verdict is stored. */
  readonly onJudged: (camera: string, odd: string, verdict: Verdict) => void;
}

/** Minutes of footage that were left out of a camera's learning, and what people say of them. */
export class OddMinutes {
  readonly #options: OddMinutesOptions;

  constructor(options: OddMinutesOptions) {
    this.#options = options;
  }

  of(camera: string): readonly OddMinute[] | undefined {
    const { store, isCamera } = this.#options;
    return isCamera(camera) ? store.oddMinutes(camera) : undefined;
  }

  judge(camera: string, id: string, verdict: Verdict): OddMinute | undefined {
    if (!this.#has(camera, id)) return undefined;
    const judged = this.#options.store.judgeOddMinute(id, verdict);
    this.#options.onJudged(camera, id, verdict);
    return judged;
  }

  picture(camera: string, id: string): StoredFile | undefined {
    if (!this.#has(camera, id)) return undefined;
    const { folder, files } = this.#options;
    const path = join(folder.odd(camera), `${id}.jpg`);
    return { path, type: 'image/jpeg', fetch: (longest) => files.fetch(path, longest) };
  }

  #has(camera: string, id: string): boolean {
    return this.#options.store.oddMinutes(camera).some((odd) => odd.id === id);
  }
}
