import { chooseDevice, type DeviceChoice } from '../runtime/device.ts';
import type { Device } from '../runtime/session.ts';
import type { Progress } from './progress.ts';

/**
 * The device to compute on. Where `auto` finds none but the CPU, one line says why.
 * @throws UserError when a device that was named cannot be used here.
 */
export async function chosenDevice(
  choice: DeviceChoice | undefined,
  progress: Progress,
): Promise<Device> {
  const { device, whyCpu } = await chooseDevice(choice ?? 'cpu');
  if (whyCpu !== undefined) progress.note(`--device auto: computes on the CPU (${whyCpu})`);
  return device;
}
