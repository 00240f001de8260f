/** Learns what is normal. Usage: node train.ts [DATA] [MODEL] [MINUTES] */
import { fileURLToPath } from 'node:url';
import { train } from 'm2s2l';

const footage = fileURLToPath(import.meta.resolve('m2s2l/demo/upcam'));
const [data = footage, out = 'out/example', minutes = '1'] = process.argv.slice(2);

const { description } = await train({
  data,
  out,
  preset: 'tiny',
  length: { minutes: Number(minutes) },
  onTraining: ({ share, losses }) =>
    console.error(`${Math.round(100 * share)} %, loss ${losses.loss?.toFixed(3)}`),
});
const { heldOutFrames, steps } = description.provenance;
console.log(`${steps} steps; threshold ${description.threshold.threshold.toFixed(2)}`);
console.log(`from ${heldOutFrames} held-out frames; the model lies in ${out}`);
