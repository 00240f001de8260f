/** A program: how many frames a second this machine scores with the smallest model; it says so and ends. */

import { Model } from '../../detector/model.ts';
import { modelFolder } from '../../detector/shipped-models.ts';

/** Milliseconds of measuring, after as many to warm up as the first scores take. */
const MEASURED = 1500;

const GRAY = 128;

const model = await Model.load(modelFolder('upcam-tiny'), { batch: 1 });
const { detector } = model;
const { width, height, channels } = detector.format;
const frame = new Uint8Array(channels * height * width).fill(GRAY);
const stream = detector.open();
for (let i = 0; i < 2 * detector.clipLength; i++) await detector.step([{ stream, frame }]);
const begun = performance.now();
let frames = 0;
for (; performance.now() - begun < MEASURED; frames++) await detector.step([{ stream, frame }]);
process.send!({ framesPerSecond: (1000 * frames) / (performance.now() - begun) }, () =>
  process.disconnect(),
);
await model.release();
