import { createHmac } from 'node:crypto';

/**
 * The header `m2s2l-signature`: HMAC-SHA256 over the time and the body, so that neither can be
 * changed, nor an old message be sent again unnoticed.
 * @param seconds since 1970
 */
export function signature(secret: string, body: string, seconds: number): string {
  const hmac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hmac}`;
}
