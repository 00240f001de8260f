import { InvalidArgumentError, Option } from 'commander';
import { PRESETS } from '../model/presets.ts';
import { DEVICE_CHOICES } from '../runtime/device.ts';
import { MOST_CLIPS } from '../training/configuration.ts';

/** Options shared by several commands, described in the same words everywhere. */

export const presetOption = (what = 'size of the model') =>
  new Option('--preset <name>', what).choices([...PRESETS]);

export const deviceOption = () =>
  new Option(
    '--device <name>',
    'what to compute on, else the CPU; "auto": the quickest that works here',
  ).choices([...DEVICE_CHOICES]);

export const fpsOption = () =>
  new Option(
    '--fps <n>',
    'frames a second of folders of frames, and of videos that have none',
  ).argParser(positiveNumber);

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || !Number.isFinite(value))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

/** Clips in one step of training. */
export function batchSize(text: string): number {
  const value = positiveInteger(text);
  if (value > MOST_CLIPS) throw new InvalidArgumentError(`It must be at most ${MOST_CLIPS}.`);
  return value;
}

export function seedNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number, 0 or above.');
  return value;
}

/** `WIDTHxHEIGHT` in pixels, as models see them. */
export function modelSize(text: string): { width: number; height: number } {
  const [width, height] = (/^(\d+)x(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  const fits = (side: number | undefined) =>
    side !== undefined && side % 16 === 0 && side >= 16 && side <= 2048;
  if (!fits(width) || !fits(height))
    throw new InvalidArgumentError(
      'It must be WIDTHxHEIGHT, such as 256x256, both multiples of 16 from 16 to 2048.',
    );
  return { width: width!, height: height! };
}
