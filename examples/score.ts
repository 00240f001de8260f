/** Scores a video as it is read, and tells of each alarm. Usage: node examples/score.ts MODEL VIDEO */
import { loadModel } from 'm2s2l';

const [folder = 'out/example', video = 'demo/upcam/testing/videos/00.mp4'] = process.argv.slice(2);

// One frame at a time gives every score at once; more together are quicker over a file.
const model = await loadModel(folder, { batch: 1 });
let alarmed = false;
let frames = 0;
for await (const { time, score, appearance, motion, alarm, regions } of model.score(video)) {
  frames += 1;
  if (alarm && !alarmed) {
    const why = appearance > motion ? 'how it looks' : 'how it moves';
    const where = regions[0] ? ` at ${regions[0].x},${regions[0].y}` : '';
    console.log(`${time.toFixed(1)} s: ${score.toFixed(1)}, for ${why}${where}`);
  }
  alarmed = alarm;
}
console.log(`${frames} frames scored`);
await model.release();
