import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelDescription } from '../../src/detector/model-file.ts';
import { m2s2l, readJson } from './command-line.ts';
import { quickTraining, sharedFolder, testing, writeDataset } from './footage.ts';

/** No Vulkan driver is found, whatever there is; and no CUDA device is seen. */
const env = {
  VK_ICD_FILENAMES: '/nowhere.json',
  VK_DRIVER_FILES: '/nowhere.json',
  CUDA_VISIBLE_DEVICES: '',
};

const video = 'data/testing/videos/01.mp4';
const whyCpu = /^--device auto: computes on the CPU \(cuda: .+; webgpu: .+\)$/;

describe.skipIf(process.platform !== 'linux')(
  'without a GPU (on Linux)',
  { timeout: 60_000 },
  () => {
    const folder = sharedFolder(async (cwd) => {
      await writeDataset(cwd);
      const words = ['train', 'data', '--out', 'model', '--device', 'auto', ...quickTraining];
      const { code, stderr } = await m2s2l(words, { cwd, env });
      expect(stderr.split('\n')[0]).toMatch(whyCpu);
      expect(code).toBe(0);
    });

    test('train --device auto trains on the CPU, and the model says so', async () => {
      const { provenance } = await readJson<ModelDescription>(join(folder(), 'model/model.json'));
      expect(provenance.device).toBe('cpu');
    });

    test('score --device auto scores, and says why on the CPU in one line', async () => {
      const words = ['score', 'model', video, '--device', 'auto'];
      const { code, stdout, stderr } = await m2s2l(words, { cwd: folder(), env });
      expect(code).toBe(0);
      expect(stdout.trimEnd().split('\n').length).toBe(testing.frames);
      const said = stderr.trimEnd().split('\n');
      expect(said.filter((line) => !line.startsWith('scoring '))).toEqual([
        expect.stringMatching(whyCpu),
      ]);
    });

    test.each([
      ['eval', ['eval', 'model', 'data', '--device', 'webgpu']],
      ['score', ['score', 'model', video, '--device', 'webgpu']],
      ['train', ['train', 'data', '--out', 'new', '--device', 'webgpu', ...quickTraining]],
      ['bench', ['bench', 'infer', '--preset', 'tiny', '--device', 'webgpu']],
    ])(
      '%s --device webgpu is refused in one line, without those of a library',
      async (_, words) => {
        const { code, stdout, stderr } = await m2s2l(words, { cwd: folder(), env });
        expect(stderr).toMatch(
          /^m2s2l: --device webgpu: cannot be used here \([^\n]+\); use --device cpu\n$/,
        );
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      },
    );
  },
);
