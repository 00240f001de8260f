/** Stands around an option in the text of an error. */
const MARK = '\u0001';
const marked = new RegExp(`${MARK}(.*?)${MARK}`, 'g');

/**
 * An option in the text of a {@link UserError}, named as it is called there: `device` or
 * `device: 'cpu'` in code, `--device` or `--device cpu` on the command line.
 */
export function option(name: string, value?: string): string {
  return `${MARK}${name}${value === undefined ? '' : `=${value}`}${MARK}`;
}

function named(text: string, show: (name: string, value: string | undefined) => string): string {
  return text.replaceAll(marked, (_, found: string) => {
    const [name = '', value] = found.split('=');
    return show(name, value);
  });
}

/**
 * A mistake of the user's, in one line: what is wrong, where, and what to do.
 * The command line prints it alone and exits with code 2; anything else that is thrown is an
 * internal error and keeps its stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly #text: string;

  /** @param text one line; options in it by {@link option} */
  constructor(text: string) {
    super(named(text, (name, value) => (value === undefined ? name : `${name}: '${value}'`)));
    this.#text = text;
  }

  /** The message with options as the command line has them. */
  get commandLine(): string {
    return named(this.#text, (name, value) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === undefined ? flag : `${flag} ${value}`;
    });
  }
}

/** A value that is none of its type's cases, thrown by the `default` of a switch over them. */
export class UnknownCase extends Error {
  override readonly name = 'UnknownCase';

  /** @param value what the type checker proved to be impossible; objects are named by their kind alone */
  constructor(value: never) {
    const { kind, name } = Object(value) as { kind?: unknown; name?: unknown };
    super(`unknown case: ${String(kind ?? name ?? value)}`);
  }
}
