import { z } from 'zod';

/** Control characters, and those that turn the direction of what follows. */
const unseen = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu;

/** A name that a person gives: on one line, as it looks. */
export const givenName = z
  .string()
  .overwrite((name) => name.replaceAll(unseen, ' '))
  .trim()
  .min(1)
  .max(80);

/** An address, whose scheme may be written in capitals. */
export const address = (protocol: RegExp) =>
  z
    .url({ protocol })
    .overwrite((url) => url.replace(/^[a-z]+(?=:)/i, (scheme) => scheme.toLowerCase()));
