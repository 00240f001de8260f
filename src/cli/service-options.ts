import { InvalidArgumentError, Option } from 'commander';
import type { LogLevel } from '../service/log/log.ts';

export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Words by which an environment variable leaves a switch off. */
const off = ['', '0', 'false', 'no', 'off'];

/**
 * An option that the environment may give as well, for containers and units of systemd. An empty
 * variable counts as none, as compose files set them.
 */
function orFromEnvironment(option: Option): Option {
  const name = `M2S2L_${option.long!.slice(2).toUpperCase().replaceAll('-', '_')}`;
  const value = process.env[name] ?? '';
  const given = option.required ? value !== '' : !off.includes(value.toLowerCase());
  option.description += ` [${name}]`;
  return given ? option.env(name) : option;
}

export const serviceOption = (flags: string, description: string) =>
  orFromEnvironment(new Option(flags, description));

export function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535)
    throw new InvalidArgumentError('It must be a whole number from 0 (any that is free) to 65535.');
  return value;
}
