import { randomBytes } from 'node:crypto';

/** An id that fits in a route, a file name and an MQTT topic: 16 hexadecimal digits. */
export function randomId(): string {
  return randomBytes(8).toString('hex');
}
