import { Model } from '../../detector/model.ts';

interface Loaded {
  readonly model: Promise<Model>;
  cameras: number;
}

/** The models in use, each loaded once however many cameras it has. */
export class LoadedModels {
  readonly #loaded = new Map<string, Loaded>();

  /** For one more camera. @throws UserError when the folder is no model that can be used. */
  async take(folder: string): Promise<Model> {
    let loaded = this.#loaded.get(folder);
    if (!loaded) {
      loaded = { model: Model.load(folder), cameras: 0 };
      this.#loaded.set(folder, loaded);
    }
    loaded.cameras += 1;
    try {
      return await loaded.model;
    } catch (error) {
      // It may be whole the next time.
      if (this.#loaded.get(folder) === loaded) this.#loaded.delete(folder);
      throw error;
    }
  }

  /** For one camera less: the last one frees it. */
  async leave(folder: string): Promise<void> {
    const loaded = this.#loaded.get(folder);
    if (!loaded) return;
    loaded.cameras -= 1;
    if (loaded.cameras > 0) return;
    this.#loaded.delete(folder);
    await (await loaded.model).release();
  }
}
