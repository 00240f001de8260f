import { ZodError } from 'zod';
import { StoreDamaged, StoreUnreachable } from '../parts.ts';
import type { Database } from './database.ts';

/** Reads from a database that may be damaged. */
export class ReadGuard {
  readonly #database: Database;
  #survives = false;
  #damage: string | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Why it cannot be used, in one line, once damage was met. */
  get damage(): string | undefined {
    return this.#damage ?? this.#database.damage;
  }

  /** From now on damage, or a database that is away, does not throw where there is something to read instead. */
  surviveDamage(): void {
    this.#survives = true;
  }

  /**
   * @param instead what is read from a damaged database, or from one that is away, once the service runs; without it that throws
   * @throws StoreDamaged also where a row cannot be understood
   */
  read<Result>(work: () => Result, instead?: Result): Result {
    try {
      return work();
    } catch (error) {
      if (error instanceof StoreUnreachable && this.#survives && instead !== undefined)
        return instead;
      const damage = asDamage(error);
      if (!(damage instanceof StoreDamaged)) throw damage;
      this.#damage = damage.message;
      if (!this.#survives || instead === undefined) throw damage;
      return instead;
    }
  }
}

/** Rows are written by this code: one that its schema refuses was changed since. */
function asDamage(error: unknown): unknown {
  if (!(error instanceof ZodError || error instanceof SyntaxError)) return error;
  return new StoreDamaged('service.db cannot be used (a row is garbled)', {
    cause: error,
  });
}
