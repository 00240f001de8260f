import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Model } from '../../src/detector/model.ts';
import { Turns } from '../../src/detector/turns.ts';
import type { PictureRegion } from '../../src/scoring/regions/regions.ts';
import { ScoredCamera } from '../../src/service/inference/scored-camera.ts';
import type { CameraScore } from '../../src/service/parts.ts';
import { openVideo } from '../../src/video/open.ts';
import { writeSmallModel } from '../service/inference/small-model.ts';
import { until } from '../service/poll.ts';
import { noise, temporaryFolders, writeVideo } from '../video/footage.ts';
import { m2s2l } from './command-line.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 64, height: 48, fps: 10 };

const regions: PictureRegion[] = [
  {
    name: 'clock',
    kind: 'ignore',
    alarms: true,
    polygon: [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  },
  {
    name: 'gate',
    kind: 'zone',
    alarms: true,
    polygon: [
      [0.5, 0],
      [1, 0],
      [1, 1],
      [0.5, 1],
    ],
  },
];

async function place() {
  const cwd = await temporaryFolder();
  await writeSmallModel(join(cwd, 'model'));
  const pictures = Array.from({ length: 30 }, (_, i) => noise(size, i));
  await writeVideo(join(cwd, 'a.mp4'), size, pictures);
  return cwd;
}

/** What the service says of a video, frame by frame. */
async function asTheService(cwd: string): Promise<(CameraScore | null)[]> {
  const model = await Model.load(join(cwd, 'model'), { batch: 1 });
  const answers: (CameraScore | null)[] = [];
  const camera = new ScoredCamera(
    model,
    { size, fps: size.fps, regions },
    {
      onAnswer: (score) => answers.push(score),
      onFailed: (error) => {
        throw error;
      },
    },
  );
  const turns = new Turns();
  turns.add(camera.turns);
  let sent = 0;
  for await (const { data, time } of await openVideo(join(cwd, 'a.mp4'), model.detector.format)) {
    camera.push({ time: 1000 * time, data, stretch: 1 });
    turns.wake();
    sent += 1;
    await until('it is scored', () => answers.length === sent);
  }
  turns.remove(camera.turns);
  await model.release();
  return answers;
}

test('with a camera’s regions a file scores as it does in the service', async () => {
  const cwd = await place();
  await writeFile(join(cwd, 'regions.json'), JSON.stringify(regions));
  await writeFile(join(cwd, 'camera.json'), JSON.stringify({ id: 'yard', regions }));
  const score = async (...more: string[]) => {
    const ended = await m2s2l(['score', 'model', 'a.mp4', '--quiet', ...more], { cwd });
    expect(ended.code).toBe(0);
    return ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const whole = await score();
  const lines = await score('--regions', 'regions.json');
  expect(await score('--regions', 'camera.json')).toEqual(lines);
  expect(lines).not.toEqual(whole);
  expect(lines.some(({ zone }) => zone === 'gate')).toBe(true);
  const service = await asTheService(cwd);
  expect(service).toHaveLength(lines.length);
  for (const [i, { score, warmUp }] of lines.entries())
    if (warmUp) expect(service[i]).toBeNull();
    else expect(score).toBeCloseTo(service[i]!.score, 4);
}, 600_000);

test.each([
  ['no JSON', '[', /^.*--regions bad\.json: is no JSON/],
  ['no list', '{"polygon": []}', /--regions bad\.json: .*give the list of a camera's regions/],
  ['a line', '[{"name":"a","kind":"zone","polygon":[[0,0],[1,1],[0,0]]}]', /has no area/],
])(
  '%s is refused in one line',
  async (_, text, words) => {
    const cwd = await place();
    await writeFile(join(cwd, 'bad.json'), text);
    const ended = await m2s2l(['score', 'model', 'a.mp4', '--regions', 'bad.json'], { cwd });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  },
  60_000,
);
