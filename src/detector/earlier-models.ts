import type { ModelConfiguration } from '../model/configuration.ts';

/** The first format that is still read. Its models score as they did. */
export const OLDEST_FORMAT = 4;

/** Scales had names before there could be more than three; by their order and by their patch. */
const STRIDES = ['short', 'medium', 'long'];
const PATCHES: Readonly<Record<string, string>> = { 4: 'fine', 8: 'medium', 16: 'coarse' };

/**
 * A description of format 4 as one of format 5. Its motion error was always that of the motion which
 * the pace head lets expect, and `null` stood for what is switched off.
 */
export function fromFormat4(json: Record<string, unknown>): Record<string, unknown> {
  const statistics = json.statistics as Record<string, unknown> | undefined;
  const configuration = json.configuration as { pace?: boolean } | undefined;
  const { motion, ...others } = statistics ?? {};
  const renamed = configuration?.pace ? { expectedMotion: motion } : { motion };
  const there = Object.entries({ ...others, ...renamed }).filter(([, value]) => value !== null);
  return { ...json, format: 5, statistics: Object.fromEntries(there) };
}

/** The name that a weight had in files of format 4, which a newer description may stand beside. */
export function nameInFormat4(name: string, { temporal }: ModelConfiguration): string {
  return name
    .replace(/^temporal\.stride(\d+)\./, (whole, stride: string) => {
      const old = STRIDES[temporal.strides.indexOf(Number(stride))];
      return old ? `temporal.${old}.` : whole;
    })
    .replace(/^spatial\.patch(\d+)\./, (whole, patch: string) => {
      const old = PATCHES[patch];
      return old ? `spatial.${old}.` : whole;
    });
}
