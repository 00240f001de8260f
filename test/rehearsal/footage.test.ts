import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '../../src/detector/model.ts';
import { joinedFootage, withoutBreaks } from '../../src/rehearsal/footage.ts';
import { rehearse, rehearseFootage } from '../../src/rehearsal/rehearse.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';
import { writeSmallModel } from '../service/inference/small-model.ts';
import { plain, writeVideo } from '../video/footage.ts';

const temporary = temporaryFolders();
const size = { width: 64, height: 48, fps: 4 };
const START = 1_700_000_000_000;

const file = (path: string, from: number, seconds = 10) => ({
  path,
  from,
  to: from + 1000 * seconds,
  frames: 4 * seconds,
});

test('files with a short pause between them belong together, in the order of time', () => {
  const [a, b, c] = [file('a', 0), file('b', 10_250), file('c', 30_300)];
  expect(withoutBreaks([c, a, b], 10_000)).toEqual([[a, b], [c]]);
  expect(withoutBreaks([], 10_000)).toEqual([]);
});

test('joined files are one video, with their own times and without another warm-up', async () => {
  const folder = await temporary();
  const pictures = Array.from({ length: 80 }, (_, i) => plain(size, 60 + (i % 9)));
  const at = (name: string) => join(folder, name);
  await writeVideo(at('whole.mp4'), size, pictures);
  await writeVideo(at('1.mp4'), size, pictures.slice(0, 40));
  await writeVideo(at('2.mp4'), size, pictures.slice(40));
  await writeSmallModel(at('model'));
  const joined = joinedFootage('0', [file(at('1.mp4'), START), file(at('2.mp4'), START + 10_000)]);
  const model = await loadModel(at('model'));
  try {
    const times: number[] = [];
    const video = await joined.open(model.detector.format);
    expect(video.name).toBe('0');
    expect(video.expectedFrames).toBe(80);
    for await (const { index, time } of video) times[index] = time;
    expect(times).toHaveLength(80);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[40]).toBeCloseTo(10, 3);
    const options = { alarmsPerDay: 2400 };
    const [one, whole] = [
      await rehearseFootage(model, [joined], options),
      await rehearse(model, [at('whole.mp4')], options),
    ];
    expect(one.hours).toBeCloseTo(whole.hours, 5);
    expect(one.threshold.median).toBeCloseTo(whole.threshold.median, 1);
  } finally {
    await model.release();
  }
});
