import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import {
  type CameraSettings,
  type CameraSettingsInput,
  cameraSettings,
} from '../../src/service/contract/camera.ts';
import { Service, type ServiceOptions } from '../../src/service/service.ts';
import { writeVideo } from '../video/footage.ts';

/** Pictures of the invented camera, as the smallest model sees them. */
export const size = { width: 128, height: 64, fps: 10 };

/** A square that swings to and fro; in the frames from `from` to `to` others flicker all over. */
export function scene(frames: number, odd = { from: frames, to: frames }): Uint8Array[] {
  return Array.from({ length: frames }, (_, frame) => {
    const data = new Uint8Array(size.width * size.height * 3);
    for (let i = 0; i < data.length; i++)
      data[i] = 70 + ((Math.floor(i / 3 / size.width) >> 3) % 2) * 40 + ((i / 3) % 16 < 8 ? 15 : 0);
    const square = (left: number, top: number, side: number, gray: number) => {
      for (let y = top; y < top + side; y++) {
        const at = (y * size.width + left) * 3;
        data.fill(gray, at, at + side * 3);
      }
    };
    square(Math.round(40 + 30 * Math.sin((2 * Math.PI * frame) / 50)), 24, 12, 200);
    if (frame >= odd.from && frame < odd.to)
      for (let i = 0; i < 4; i++)
        square((frame * 37 + i * 29) % 100, (frame * 13 + i * 17) % 40, 20, frame % 2 ? 250 : 5);
    return data;
  });
}

export interface Invented {
  readonly folder: string;
  /** Ordinary footage. */
  readonly normal: string;
  /** What a camera plays in a loop: some seconds in which something happens once. */
  readonly loop: string;
}

/** Footage for all tests of a file, gone after them. */
export function inventedFootage(): Invented {
  const folder = { path: '' };
  beforeAll(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'm2s2l-whole-'));
    process.env.M2S2L_CACHE = join(folder.path, 'cache');
    await writeVideo(join(folder.path, 'normal.mp4'), size, scene(600));
    await writeVideo(join(folder.path, 'loop.mp4'), size, scene(100, { from: 50, to: 65 }));
  });
  afterAll(() => rm(folder.path, { recursive: true, force: true }));
  return {
    get folder() {
      return folder.path;
    },
    get normal() {
      return join(folder.path, 'normal.mp4');
    },
    get loop() {
      return join(folder.path, 'loop.mp4');
    },
  };
}

/** Settings of the invented camera, whose alarms nobody would stand. */
export function settingsOf(
  { loop, normal }: Invented,
  input: Partial<CameraSettingsInput> = {},
): CameraSettings {
  return cameraSettings.parse({
    name: 'Yard',
    source: { kind: 'file', path: loop },
    learning: { file: normal, trainMinutes: 0.1, preset: 'tiny' },
    budget: { alarmsPerDay: 1000 },
    clip: { before: 1, after: 1 },
    ...input,
  });
}

export const openService = (data: string, options: Partial<ServiceOptions> = {}) =>
  Service.open({ data, logger: pino({ level: 'silent' }), ...options });
