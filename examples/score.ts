/** Scores a video as it is read, and prints each alarm. Usage: node score.ts [MODEL] [VIDEO] */
import { fileURLToPath } from 'node:url';
import { loadModel } from 'm2s2l';

const footage = fileURLToPath(import.meta.resolve('m2s2l/demo/live.mp4'));
const [folder = 'upcam-tiny', video = footage] = process.argv.slice(2);

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
