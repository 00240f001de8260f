import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits: nothing to guess, so a plain hash keeps it. */
export const newToken = (): string => `m2s2l_${randomBytes(32).toString('base64url')}`;

/** SHA-256, as hexadecimal digits: what is stored, and looked up by, so that no comparison tells by its time. */
export const hashToken = (token: string): string =>
  createHash('sha256').update(token).digest('hex');
