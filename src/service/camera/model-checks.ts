import type { CheckedModel, Learner } from '../parts.ts';

/** Checks under way at once: each is a process that holds a model. */
const AT_ONCE = 2;

/** Checks of model folders: one for all who ask for the same at once, and few at a time. */
export class ModelChecks {
  readonly #learner: Pick<Learner, 'check'>;
  readonly #asked = new Map<string, Promise<CheckedModel>>();
  readonly #turns: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  #next = 0;

  constructor(learner: Pick<Learner, 'check'>) {
    this.#learner = learner;
  }

  /** @throws UserError with one line where the folder is no model that can be used */
  check(folder: string): Promise<CheckedModel> {
    const asked = this.#asked.get(folder);
    if (asked) return asked;
    const turn = this.#next++ % AT_ONCE;
    const check = this.#turns[turn]!.then(() => this.#learner.check(folder));
    this.#asked.set(folder, check);
    this.#turns[turn] = check.catch(() => undefined).finally(() => this.#asked.delete(folder));
    return check;
  }
}
