import { join } from 'node:path';
import { FootageLearner } from '../../src/service/learning/footage-learner.ts';
import { scene, size } from '../../test/service/whole-service.ts';
import { writeVideo } from '../../test/video/footage.ts';

const LOOP = { frames: 200, odd: { from: 100, to: 120 } };

/** A model of invented footage, and what cameras play in a loop: something happens once in it. */
export async function learnedModel(folder: string) {
  const pictures = scene(LOOP.frames, LOOP.odd);
  const loop = join(folder, 'loop.mp4');
  await writeVideo(loop, size, pictures);
  await writeVideo(join(folder, 'normal.mp4'), size, scene(900));
  const model = join(folder, 'model');
  const learner = new FootageLearner();
  await learner.learn(
    {
      camera: 'soak',
      footage: [{ path: join(folder, 'normal.mp4'), from: 0 }],
      confirmed: [],
      out: model,
      learning: { collectMinutes: 1, trainMinutes: 0.2, preset: 'tiny' },
      alarmsPerDay: 1000,
      oddFolder: join(folder, 'odd'),
    },
    () => undefined,
    new AbortController().signal,
  );
  await learner.stop();
  return { loop, model, pictures };
}
