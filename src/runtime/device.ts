import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { option, UserError } from '../errors.ts';
import type { Device } from './session.ts';

/** What a user may ask for: a device, or the quickest one that works. */
export type DeviceChoice = Device | 'auto';
export const DEVICE_CHOICES: readonly DeviceChoice[] = ['cpu', 'webgpu', 'cuda', 'auto'];

/** What a trial of a device found. */
export type Trial =
  | {
      readonly usable: true;
      /** What the same few matrix products took there, and on the CPU, in milliseconds. */
      readonly milliseconds: number;
      readonly cpuMilliseconds: number;
    }
  | { readonly usable: false; readonly reason: string };

/** What `auto` tries, in this order. */
const ACCELERATORS = ['cuda', 'webgpu'] as const;

/** A software driver takes seconds; what hangs would hang us. */
const TRIAL_MILLISECONDS = 60_000;

const trials = new Map<Device, Promise<Trial>>();

/** Tries a device once in the life of this process. */
function tried(device: Device): Promise<Trial> {
  let trial = trials.get(device);
  if (!trial) {
    trial = tryDevice(device);
    trials.set(device, trial);
  }
  return trial;
}

/**
 * Tries a device in a process of its own: there a driver may crash or hang, and what native
 * libraries print is not seen.
 */
export function tryDevice(device: Device, timeout = TRIAL_MILLISECONDS): Promise<Trial> {
  const script = new URL(`./trial${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(script), device], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    const unusable = (reason: string) => resolve({ usable: false, reason });
    child.on('error', ({ message }) => unusable(message));
    child.on('close', (code, signal) => {
      // A library may have printed, too.
      const line = output.split('\n').findLast((text) => text.startsWith('{'));
      if (code === 0 && line) resolve(JSON.parse(line) as Trial);
      else if (child.killed) unusable(`gave no answer in ${timeout / 1000} s`);
      else unusable(`its driver ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** @throws UserError when a device cannot be used here; the CPU always can. */
export async function requireDevice(device: Device): Promise<void> {
  if (device === 'cpu') return;
  const trial = await tried(device);
  if (!trial.usable) throw unusableDevice(device, trial.reason);
}

/** That a device which the user named cannot be used. */
export function unusableDevice(device: Device, reason: string): UserError {
  return new UserError(
    `${option('device', device)}: cannot be used here (${reason}); use ${option('device', 'cpu')}`,
  );
}

/**
 * The device for a choice: `auto` takes the first of CUDA and WebGPU that works and is quicker than
 * the CPU, and says why where none is.
 * @throws UserError when a device that was named cannot be used here.
 */
export async function chooseDevice(
  choice: DeviceChoice,
): Promise<{ readonly device: Device; readonly whyCpu?: string }> {
  if (choice !== 'auto') {
    await requireDevice(choice);
    return { device: choice };
  }
  const reasons: string[] = [];
  for (const device of ACCELERATORS) {
    const trial = await tried(device);
    if (trial.usable && trial.milliseconds < trial.cpuMilliseconds) return { device };
    reasons.push(`${device}: ${trial.usable ? 'no quicker than the CPU' : trial.reason}`);
  }
  return { device: 'cpu', whyCpu: reasons.join('; ') };
}
