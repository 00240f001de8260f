import { createHmac } from 'node:crypto';

/** What is signed: an id that stays the same for every attempt, and when this attempt is made. */
export interface Signed {
  readonly id: string;
  /** Since 1970. */
  readonly seconds: number;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and
 * body, so that none can be changed, nor an old message be sent again unnoticed.
 * @param secret `whsec_` and the key in Base64, or a text that is the key itself
 */
export function standardHeaders(
  secret: string,
  { id, seconds, body }: Signed,
): Readonly<Record<string, string>> {
  const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret);
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}

/**
 * The headers of version 0.1, for receivers that check `m2s2l-signature`: HMAC-SHA256 over the time
 * and the body.
 */
export function formerHeaders(
  secret: string,
  { id, seconds, body }: Signed,
): Readonly<Record<string, string>> {
  const hmac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { 'm2s2l-event-id': id, 'm2s2l-signature': `t=${seconds},v1=${hmac}` };
}
