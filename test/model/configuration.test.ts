import { describe, expect, test } from 'vitest';
import {
  cellGrid,
  clipLength,
  clipOffsets,
  type ModelConfiguration,
  modelConfiguration,
} from '../../src/model/configuration.ts';
import { PRESETS, presetConfiguration } from '../../src/model/presets.ts';
import { WHOLE } from './small-models.ts';

describe('the frames a score needs', () => {
  type Skip = ModelConfiguration['decoders']['skip'];
  const offsets = (
    task: ModelConfiguration['task'],
    strides: number[],
    steps: number,
    skip: Skip = [],
  ) => {
    const decoders = { ...WHOLE.decoders, skip };
    const c = { ...WHOLE, task, decoders, temporal: { ...WHOLE.temporal, strides, steps } };
    expect(clipLength(c)).toBe(clipOffsets(c)[0]! + 1);
    return clipOffsets(c);
  };

  test('predict counts from the frame before', () => {
    expect(offsets('predict', [1, 2, 4], 3)).toEqual([13, 9, 7, 5, 4, 3, 2, 1, 0]);
    expect(offsets('predict', [1], 1)).toEqual([2, 1, 0]);
    expect(offsets('predict', [3], 2)).toEqual([7, 4, 1, 0]);
  });

  test('reconstruct counts from the frame itself', () => {
    expect(offsets('reconstruct', [1, 2, 4], 3)).toEqual([12, 8, 6, 4, 3, 2, 1, 0]);
    expect(offsets('reconstruct', [1], 1)).toEqual([1, 0]);
    // The frame before is needed for the difference that is decoded.
    expect(offsets('reconstruct', [4], 2)).toEqual([8, 4, 1, 0]);
  });

  test('stride 1 begins a frame earlier where the target is hidden', () => {
    const hidden = (strides: number[], task: ModelConfiguration['task'] = 'reconstruct') => {
      const temporal = { ...WHOLE.temporal, strides, steps: 2, hideTarget: true };
      return clipOffsets({ ...WHOLE, task, temporal, decoders: { ...WHOLE.decoders, skip: [] } });
    };
    // Stride 1 from the frame before, stride 4 from the frame itself.
    expect(hidden([1])).toEqual([3, 2, 1, 0]);
    expect(hidden([1, 4])).toEqual([8, 4, 3, 2, 1, 0]);
    expect(hidden([4])).toEqual(offsets('reconstruct', [4], 2));
    // The whole frame is hidden already.
    expect(hidden([1, 4], 'predict')).toEqual(offsets('predict', [1, 4], 2));
  });

  test('a motion decoder that sees differences itself needs those of the newest frames', () => {
    expect(offsets('predict', [4], 1, ['motion'])).toEqual([5, 3, 2, 1, 0]);
    expect(offsets('reconstruct', [4], 1, ['motion'])).toEqual([4, 2, 1, 0]);
    expect(offsets('predict', [4], 1, ['appearance'])).toEqual([5, 1, 0]);
  });
});

test('the grid of cells', () => {
  expect(cellGrid({ ...WHOLE, input: { width: 64, height: 32, channels: 1 } })).toEqual({
    width: 8,
    height: 4,
  });
});

describe('presets', () => {
  test.each(PRESETS)('%s is a configuration, and survives JSON', (preset) => {
    for (const task of ['predict', 'reconstruct'] as const) {
      const c = presetConfiguration(preset, task);
      expect(modelConfiguration.parse(JSON.parse(JSON.stringify(c)))).toEqual(c);
    }
  });

  test('another input leaves the rest as it is', () => {
    const c = presetConfiguration('tiny', 'reconstruct', { width: 64, channels: 3 });
    expect(c.input).toEqual({ ...presetConfiguration('tiny').input, width: 64, channels: 3 });
    expect({ ...c, input: null }).toEqual({ ...presetConfiguration('tiny'), input: null });
  });

  test('nothing leads round the memories where the encoders see the target', () => {
    for (const preset of PRESETS)
      expect(presetConfiguration(preset, 'reconstruct').decoders.skip).toEqual([]);
  });
});

test('settings that models of earlier versions lack take the values these were made with', () => {
  const { spatial, temporal, memoryBypass: _, placeWidth: __, ...others } = WHOLE;
  const { fusion: ___, ...scales } = spatial;
  const { hideTarget: ____, ...strides } = temporal;
  expect(modelConfiguration.parse({ ...others, spatial: scales, temporal: strides })).toMatchObject(
    {
      spatial: { fusion: 'picture' },
      temporal: { hideTarget: false },
      memoryBypass: true,
      placeWidth: 0,
    },
  );
});

describe('a configuration is refused', () => {
  const wrong: Record<string, object> = {
    'a width that does not divide by 16': { input: { ...WHOLE.input, width: 40 } },
    'two channels': { input: { ...WHOLE.input, channels: 2 } },
    'an unknown task': { task: 'guess' },
    'an unknown scan': { scan: 's7' },
    'three routes': { spatial: { ...WHOLE.spatial, routes: 3 } },
    'no spatial scale': { spatial: { ...WHOLE.spatial, scales: [] } },
    'a patch of 5': { spatial: { ...WHOLE.spatial, scales: [{ patch: 5, width: 8, depth: 1 }] } },
    'a patch twice': {
      spatial: { ...WHOLE.spatial, scales: [WHOLE.spatial.scales[0], WHOLE.spatial.scales[0]] },
    },
    'a patch that the picture does not divide by': {
      input: { ...WHOLE.input, width: 48 },
      spatial: { ...WHOLE.spatial, scales: [{ patch: 32, width: 8, depth: 1 }] },
    },
    'nine strides': { temporal: { ...WHOLE.temporal, strides: [1, 2, 3, 4, 5, 6, 7, 8, 9] } },
    'a stride twice': { temporal: { ...WHOLE.temporal, strides: [1, 2, 1] } },
    'a memory of one slot': { memorySlots: 1 },
    'an unknown fusion': { spatial: { ...WHOLE.spatial, fusion: 'pixel' } },
    'no stride': { temporal: { ...WHOLE.temporal, strides: [] } },
    'no step': { temporal: { ...WHOLE.temporal, steps: 0 } },
    'no decoder': { decoders: { ...WHOLE.decoders, branches: [] } },
    'a decoder twice': { decoders: { ...WHOLE.decoders, branches: ['motion', 'motion'] } },
    'an unknown key': { widths: 3 },
    'a part missing': { temporal: undefined },
  };
  test.each(Object.entries(wrong))('%s', (_, part) => {
    expect(modelConfiguration.safeParse(WHOLE).success).toBe(true);
    expect(modelConfiguration.safeParse({ ...WHOLE, ...part }).success).toBe(false);
  });
});
