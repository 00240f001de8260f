import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../graph/evaluate.ts';
import { softwareVulkan } from './software-vulkan.ts';

type Numbers = Readonly<Record<string, readonly number[]>>;
interface Steps {
  readonly training: Numbers;
  readonly stream: Numbers;
}

const program = join(import.meta.dirname, 'steps-on.ts');

async function stepsOn(device: string, env: NodeJS.ProcessEnv): Promise<Steps> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, device], {
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout) as Steps;
}

/** The largest difference of an output over its largest number, by its name. */
const differences = (actual: Numbers, expected: Numbers) =>
  Object.keys(expected).map(
    (name) => [name, relativeError(actual[name]!, expected[name]!)] as const,
  );

const folder = await mkdtemp(join(tmpdir(), 'm2s2l-vulkan-'));
const vulkan = await softwareVulkan(folder);
afterAll(() => rm(folder, { recursive: true, force: true }));

const title = vulkan
  ? 'WebGPU, on a Vulkan driver in software, gives the numbers of the CPU'
  : 'WebGPU (skipped: no SwiftShader for this platform in npm or from Debian)';

describe.skipIf(!vulkan)(title, () => {
  let cpu: Steps;
  let webgpu: Steps;
  beforeAll(async () => {
    cpu = await stepsOn('cpu', {});
    webgpu = await stepsOn('webgpu', vulkan!.env);
    // It compiles hundreds of shaders: half a minute on a core that nothing else wants.
  }, 600_000);

  test('in two steps of training, with the state that one hands on to the next', () => {
    expect(Object.keys(webgpu.training)).toEqual(Object.keys(cpu.training));
    expect(webgpu.training.weights).not.toEqual(webgpu.training.afterFirst);
    // The step of AdamW divides each gradient by its own size, be it hardly more than rounding.
    const steps = ['afterFirst', 'weights', 'averaged'];
    const limit = (name: string) => {
      if (steps.includes(name)) return 1e-4;
      // Squares of gradients differ by twice what the gradients do.
      return name === 'secondMoment' ? 4e-5 : 2e-5;
    };
    for (const [name, difference] of differences(webgpu.training, cpu.training))
      expect(difference, name).toBeLessThan(limit(name));
  });

  test('in a step of a stream, with the state that it hands on', () => {
    expect(Object.keys(webgpu.stream)).toEqual(Object.keys(cpu.stream));
    for (const [name, difference] of differences(webgpu.stream, cpu.stream))
      expect(difference, name).toBeLessThan(1e-5);
  });
});
