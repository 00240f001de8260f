/**
 * Scores two cameras at once, as their frames come. A video that is played at its own pace, or at
 * SPEED times that, stands in for each. Usage: node live.ts [MODEL] [VIDEO] [SPEED]
 */
import { fileURLToPath } from 'node:url';
import { loadModel, openVideo, type VideoSource } from 'm2s2l';

const footage = fileURLToPath(import.meta.resolve('m2s2l/demo/live.mp4'));
const [folder = 'upcam-tiny', video = footage, speed = '1'] = process.argv.slice(2);

/** A source whose frames come when they are due. */
function played(source: VideoSource): VideoSource {
  async function* frames() {
    const started = performance.now();
    for await (const frame of source) {
      const due = started + (1000 * frame.time) / Number(speed);
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      yield frame;
    }
  }
  return { ...source, live: true, [Symbol.asyncIterator]: frames };
}

const model = await loadModel(folder);
const live = model.live();
const names = ['door', 'yard'];
const cameras = await Promise.all(
  names.map(async (name) => {
    const source = played(await openVideo(video, model.detector.format));
    return live.add(source, ({ time, score, alarm }) => {
      if (alarm) console.log(`${name}: ${time.toFixed(1)} s, ${score.toFixed(1)}`);
    });
  }),
);
await Promise.all(cameras.map(({ ended }) => ended));
for (const [i, { counts }] of cameras.entries())
  console.log(`${names[i]}: ${counts.frames} frames, ${counts.dropped} dropped`);
await model.release();
