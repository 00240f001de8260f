/** Troubles of the service as a whole, one line each, by what they are of. */
export class Notices {
  readonly #lines = new Map<string, readonly string[]>();
  readonly #onChange: (lines: readonly string[]) => void;

  constructor(onChange: (lines: readonly string[]) => void) {
    this.#onChange = onChange;
  }

  get lines(): readonly string[] {
    return [...this.#lines.values()].flat();
  }

  /** @param lines none where the trouble is over */
  set(subject: string, ...lines: readonly string[]): void {
    const before = this.#lines.get(subject) ?? [];
    if (before.join('\n') === lines.join('\n')) return;
    if (lines.length === 0) this.#lines.delete(subject);
    else this.#lines.set(subject, lines);
    this.#onChange(this.lines);
  }
}
