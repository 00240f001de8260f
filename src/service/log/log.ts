import { type DestinationStream, type Logger, pino } from 'pino';
import { maskAddress } from '../secrets/address.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** A log of JSON lines, on stderr by default, from which tokens and passwords are removed. */
export function openLog(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino({ level, base: null, hooks: { streamWrite: withoutSecrets } }, destination);
}

function withoutSecrets(line: string): string {
  return line
    .replaceAll(/[a-z][a-z0-9+.-]*:\/\/(?:[^\s"\\]|\\.)+/gi, maskAddress)
    .replaceAll(/m2s2l_[\w-]{43}/g, 'm2s2l_***')
    .replaceAll(/\b(Bearer|Basic) +[^\s"]+/gi, '$1 ***');
}
