import { afterEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { chooseDevice, requireDevice, tryDevice } from '../../src/runtime/device.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a trial of a device', () => {
  test('of the CPU finds it as quick as the CPU', async () => {
    const trial = await tryDevice('cpu');
    expect(trial).toEqual({
      usable: true,
      milliseconds: expect.any(Number),
      cpuMilliseconds: expect.any(Number),
    });
  });

  test('says why there is none', async () => {
    vi.stubEnv('VK_ICD_FILENAMES', '/nowhere.json');
    vi.stubEnv('VK_DRIVER_FILES', '/nowhere.json');
    const trial = await tryDevice('webgpu');
    // Elsewhere than on Linux there are other ways to a GPU.
    if (process.platform !== 'linux') return;
    expect(trial).toEqual({ usable: false, reason: expect.stringMatching(/adapter/) });
  });

  test('outlives a driver that crashes', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.abort()');
    const reason = 'its driver ended with SIGABRT';
    expect(await tryDevice('cpu')).toEqual({ usable: false, reason });
  });

  test('outlives a driver that ends the process', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.exit(3)');
    const reason = 'its driver ended with code 3';
    expect(await tryDevice('cpu')).toEqual({ usable: false, reason });
  });

  test('outlives a driver that hangs', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,for(;;);');
    const reason = 'gave no answer in 0.5 s';
    expect(await tryDevice('cpu', 500)).toEqual({ usable: false, reason });
  });
});

test('the CPU needs no trial', async () => {
  vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.abort()');
  await expect(requireDevice('cpu')).resolves.toBeUndefined();
  expect(await chooseDevice('cpu')).toEqual({ device: 'cpu' });
});

test('a named device that crashes is refused in one line; auto then takes the CPU and says why', async () => {
  vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.abort()');
  const refusal =
    "device: 'webgpu': cannot be used here (its driver ended with SIGABRT); use device: 'cpu'";
  await expect(chooseDevice('webgpu')).rejects.toThrow(new UserError(refusal));
  expect(await chooseDevice('auto')).toEqual({
    device: 'cpu',
    whyCpu: 'cuda: its driver ended with SIGABRT; webgpu: its driver ended with SIGABRT',
  });
});
