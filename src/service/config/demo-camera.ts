import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import { type CameraSettings, cameraSettings } from '../contract/camera.ts';

const footage = fileURLToPath(new URL('../../../demo/live.mp4', import.meta.url));

/** The same few minutes come again and again, and with them what is not normal in them. */
const ALARMS_A_DAY = 480;

/**
 * A camera that plays bundled footage in a loop, watched by a shipped model.
 * @throws UserError where the footage is not there
 */
export function demoCamera(): CameraSettings {
  if (!existsSync(footage))
    throw new UserError(`${footage}: is missing; --demo needs the footage of a clone`);
  return cameraSettings.parse({
    name: 'Demo: home office',
    source: { kind: 'file', path: footage },
    fps: 5,
    model: 'upcam-tiny',
    // A demo shows alarms at once.
    budget: { alarmsPerDay: ALARMS_A_DAY, call: 'always' },
  });
}
