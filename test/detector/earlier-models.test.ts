import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../src/detector/detector.ts';
import { fromFormat4, nameInFormat4 } from '../../src/detector/earlier-models.ts';
import { FORMAT, readModel, writeModel } from '../../src/detector/model-file.ts';
import { mapMean } from '../../src/scoring/blocks.ts';
import { type FrameScore, scoreClip } from '../../src/scoring/score.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';
import { WHOLE } from '../model/small-models.ts';
import { gather, inOrder } from './footage.ts';

const temporaryFolder = temporaryFolders();
const at = (name: string) => join(import.meta.dirname, 'format-4', name);

/** What these models scored on frames 14 and 23 of {@link seen} with the version that wrote them. */
const BEFORE = {
  whole: [
    {
      score: 0.38844311801096904,
      appearance: -0.3223159084910507,
      motion: 0.7107590265020197,
      paper: -12.640525547671112,
      hottest: 0.9545268416404724,
      errors: [0.29527928959578276, 0.1606118967756629, 0.5395853067748249],
    },
    {
      score: -0.22031764224357217,
      appearance: -0.018815008796479328,
      motion: -0.20150263344709285,
      paper: -11.996558552937074,
      hottest: 0.8474246263504028,
      errors: [0.3617308819666505, 0.1763676879927516, 0.5520585021004081],
    },
  ],
  'one-decoder': [
    {
      score: -0.7848776924280941,
      appearance: -0.7848776924280941,
      motion: 0,
      paper: -5.778647231134466,
      hottest: 0,
      errors: [0.27946600783616304, undefined, undefined],
    },
    {
      score: -0.16647538226224584,
      appearance: -0.16647538226224584,
      motion: 0,
      paper: -5.9780074065662365,
      hottest: 0.3738950490951538,
      errors: [0.25495105097070336, undefined, undefined],
    },
  ],
} as const;

/** The footage that they were scored on then. */
const seen = Array.from({ length: 24 }, (_, t) =>
  Uint8Array.from(
    { length: 32 * 32 },
    (_, i) => 100 + 60 * Math.sin(i / 5 + t + 5) + ((i * 7919 + t * 104_729 + 155) % 61),
  ),
);

async function scored(folder: string) {
  const { description, weights } = await readModel(folder);
  const detector = await Detector.create(description.configuration, weights, { batch: 1 });
  const errors = await gather(detector.errors(inOrder(seen)));
  await detector.release();
  const scores = scoreClip(errors, description.statistics, description.scoring);
  return [14, 23].map((frame) => {
    const { score, appearance, motion, heatmap, ...paper } = scores[frame] as FrameScore;
    const maps = errors[frame]!;
    // Then, the motion error was that of the motion that the pace head lets expect.
    const means = [maps.appearance, maps.expectedMotion ?? maps.motion, maps.pace].map(
      (map) => map && mapMean(map),
    );
    return {
      score,
      appearance,
      motion,
      paper: paper.paperPaceScore ?? paper.paperScore,
      hottest: Math.max(...heatmap),
      errors: means,
    };
  });
}

describe.each(['whole', 'one-decoder'] as const)('a model of format 4, %s', (name) => {
  test('scores as it did', async () => {
    const now = await scored(at(name));
    for (const [i, { errors, ...scores }] of BEFORE[name].entries()) {
      for (const [key, value] of Object.entries(scores))
        expect(now[i]![key as keyof typeof scores], key).toBeCloseTo(value, 4);
      for (const [kind, mean] of errors.entries())
        if (mean === undefined) expect(now[i]!.errors[kind]).toBeUndefined();
        else expect(now[i]!.errors[kind]).toBeCloseTo(mean, 5);
    }
  });

  test('is written as one of this format, which scores the same', async () => {
    const folder = await temporaryFolder();
    await writeModel(folder, await readModel(at(name)));
    const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    expect(json.format).toBe(FORMAT);
    expect(await scored(folder)).toEqual(await scored(at(name)));
  });
});

test('one that was described anew may keep its weights under their old names', async () => {
  const folder = await temporaryFolder();
  await writeModel(folder, await readModel(at('whole')));
  await cp(join(at('whole'), 'weights.safetensors'), join(folder, 'weights.safetensors'));
  expect(await scored(folder)).toEqual(await scored(at('whole')));
});

test('a model of format 3 is refused in one line that says what to do', async () => {
  const folder = await temporaryFolder();
  await cp(at('whole'), folder, { recursive: true });
  const path = join(folder, 'model.json');
  const json = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...json, format: 3 }));
  await expect(readModel(folder)).rejects.toThrow(/is of format 3.*train it again.*formats 4 to 5/);
});

describe('what format 4 said otherwise', () => {
  const statistics = { frames: 9, appearance: 'a', motion: 'm', pace: 'p' };

  test('its motion error was the expected one where there was a pace head', () => {
    expect(fromFormat4({ format: 4, configuration: { pace: true }, statistics })).toMatchObject({
      format: 5,
      statistics: { frames: 9, appearance: 'a', expectedMotion: 'm', pace: 'p' },
    });
    const without = { ...statistics, pace: null };
    const read = fromFormat4({ format: 4, configuration: {}, statistics: without });
    expect(read.statistics).toEqual({ frames: 9, appearance: 'a', motion: 'm' });
  });

  test('names of scales: by their order in time, by their patch in space', () => {
    const c = { ...WHOLE, temporal: { ...WHOLE.temporal, strides: [3, 5, 9, 11] } };
    const old = (name: string) => nameInFormat4(name, c);
    expect(old('temporal.stride5.scan.dt')).toBe('temporal.medium.scan.dt');
    expect(old('temporal.stride9.embed.weight')).toBe('temporal.long.embed.weight');
    expect(old('temporal.stride11.embed.weight')).toBe('temporal.stride11.embed.weight');
    expect(old('spatial.patch4.0.gate.weight')).toBe('spatial.fine.0.gate.weight');
    expect(old('spatial.patch32.embed.bias')).toBe('spatial.patch32.embed.bias');
    expect(old('decoder.motion.place')).toBe('decoder.motion.place');
  });
});
