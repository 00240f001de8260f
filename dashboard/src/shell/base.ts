/** The path under which the page is served: `/`, or what a proxy puts in front of it, as `/cameras/`. */
const base = typeof document === 'undefined' ? '/' : new URL(document.baseURI).pathname;

/** The address of one of our paths, for links, pictures and requests. */
export const addressOf = (path: string): string => base + path.slice(1);

/** One of our paths, of an address. */
export const pathAt = (address: string): string =>
  address.startsWith(base) ? `/${address.slice(base.length)}` : address;
