/** Texts of the command line: numbers, tables, and what was wrong with some frames. */

import type { VideoSource } from '../video/frame.ts';

/** Frames that are named one by one; of more, the first few and the count. */
const namedFrames = 5;

/** A number with fixed decimals, or a dash if there is none. */
export function figure(value: number | null, decimals = 0): string {
  if (value === null) return '–';
  return value.toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** Operations or parameters with the prefix that people use. */
export function large(value: number): string {
  const [divisor, unit] =
    value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${figure(value / divisor, divisor === 1 ? 0 : 2)} ${unit}`.trimEnd();
}

export function plural(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Columns side by side; the first is flush left, the others flush right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `clip 03: frame 17 cannot be decoded, skipped`. */
export function corruptNote(clip: string, frames: readonly number[], treatment: string): string {
  const named = frames.slice(0, namedFrames).join(', ');
  const more = frames.length - namedFrames;
  const which =
    more > 0
      ? `${figure(frames.length)} frames (${named} and ${figure(more)} more)`
      : `frame${frames.length === 1 ? '' : 's'} ${named}`;
  return `clip ${clip}: ${which} cannot be decoded, ${treatment}`;
}

/** `a.h264: has no frame rate; 10 frames a second are taken, from --fps`. */
export function rateNote(
  path: string,
  { fps, rateFrom }: Pick<VideoSource, 'fps' | 'rateFrom'>,
): string {
  const why = rateFrom === 'option' ? 'from --fps' : 'since --fps says nothing';
  return `${path}: has no frame rate; ${figure(fps, Number.isInteger(fps) ? 0 : 2)} frames a second are taken, ${why}`;
}

/** A command that the user may type, quoted as a shell wants it; with npx where npm runs this. */
export function commandLine(words: readonly string[]): string {
  const quoted = words.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return [process.env.npm_command ? 'npx m2s2l' : 'm2s2l', ...quoted].join(' ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g;

/** A text without what could steer a terminal: names of files may hold anything. */
export function printable(text: string): string {
  return text.replaceAll(controlCharacters, '?');
}
