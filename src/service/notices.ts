/** Troubles of the service as a whole, one line each, by what they are of. */
export class Notices {
  readonly #lines = new Map<string, string>();
  readonly #onChange: (lines: readonly string[]) => void;

  constructor(onChange: (lines: readonly string[]) => void) {
    this.#onChange = onChange;
  }

  get lines(): readonly string[] {
    return [...this.#lines.values()];
  }

  /** @param line undefined where the trouble is over */
  set(subject: string, line: string | undefined): void {
    if (this.#lines.get(subject) === line) return;
    if (line === undefined) this.#lines.delete(subject);
    else this.#lines.set(subject, line);
    this.#onChange(this.lines);
  }
}
