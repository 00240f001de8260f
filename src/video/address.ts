const hidden = '***';

/** Parameters in which cameras that know no better take their user and password. */
const secretParameter = /user|usr|login|account|pass|pwd|token|key|secret|auth|sign/i;

/** Parameters as queries have them, and as some cameras have them in their path: `/user=a_password=b_channel=1`. */
const inQuery = /([?&;#])([^=&;#]*)=([^&;#]*)/g;
const inPath = /([/&;_])([^=/&;_?#]+)=([^/&;?#]*?)(?=_[^=/&;_?#]+=|[/&;?#]|$)/g;

/** An address with other values of its parameters: what `value` gives, or as they were where that is undefined. */
export function withParameters(
  url: string,
  value: (name: string, before: string) => string | undefined,
): string {
  const query = url.search(/[?#]|$/);
  const change = (whole: string, separator: string, name: string, before: string) => {
    const next = value(name, before);
    return next === undefined ? whole : `${separator}${name}=${next}`;
  };
  return (
    url.slice(0, query).replaceAll(inPath, change) + url.slice(query).replaceAll(inQuery, change)
  );
}

/**
 * An address as it may be shown: user, password, and parameters that look like them are `***`. Where a
 * login may be meant, everything up to the last `@` is hidden: a password may hold what ends it.
 */
export function maskAddress(url: string): string {
  const [, scheme = '', rest = ''] = /^(\s*(?:[a-z][a-z0-9+.-]*:(?=[/\\]))?[/\\]*)([\s\S]*)$/i.exec(
    url,
  )!;
  const hides = !URL.canParse(url) || mayHoldLogin(rest);
  const at = hides ? rest.lastIndexOf('@') : -1;
  const shown = at < 0 ? rest : `${hidden}@${rest.slice(at + 1)}`;
  return withParameters(`${scheme}${shown}`, (name) =>
    secretParameter.test(name) ? hidden : undefined,
  );
}

/** Whether there may be a user or a password in it. @param rest an address without its scheme */
export const mayHoldLogin = (rest: string): boolean =>
  /[:@]/.test(authorityOf(rest).replace(/\[[^\]]*\]/, ''));

/** User, password, host and port. @param rest an address without its scheme */
export const authorityOf = (rest: string): string => rest.slice(0, rest.search(/[/?#\\]|$/));

/** Whether a text that names no file is meant as an address: it may hold a password then. */
export const looksLikeAddress = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]+:([/\\]|.*@)/i.test(text);
