import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Detector } from '../../src/detector/detector.ts';
import { rocAuc } from '../../src/evaluation/ranking.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import type { CellErrors } from '../../src/scoring/blocks.ts';
import { calibrate } from '../../src/scoring/calibration.ts';
import { scoreClip } from '../../src/scoring/score.ts';
import { openVideo } from '../../src/video/open.ts';
import { clipErrors, livelyWeights } from './clip-errors.ts';
import { gather, inOrder } from './footage.ts';

/** Fifty seconds of the bundled hour; somebody comes in after the first twenty. */
const [START, END] = [2289, 2539];
/** What comes before is taken as normal. */
const NORMAL = 100;

test('streaming changes the AUC of the bundled camera by less than 0.001', {
  timeout: 120_000,
}, async () => {
  const c = presetConfiguration('tiny');
  const weights = livelyWeights(c);
  const frames: Uint8Array[] = [];
  for await (const { index, data } of await openVideo(
    'demo/upcam/testing/videos/00.mp4',
    c.input,
  )) {
    if (index >= END) break;
    if (index >= START) frames.push(data);
  }
  const { clips } = JSON.parse(await readFile('demo/upcam/labels/frame_labels.json', 'utf8'));
  const labels: number[] = clips['00'].slice(START, END);
  const plain = await clipErrors(c, weights, frames);
  const detector = await Detector.create(c, weights);
  const streamed = await gather(detector.errors(inOrder(frames)));
  await detector.release();

  const normal = plain.slice(0, NORMAL).filter((errors) => errors !== undefined);
  const { statistics, scoring } = calibrate([{ errors: normal, fps: 5 }]);
  const auc = (errors: readonly (CellErrors | undefined)[]) =>
    rocAuc(
      Float64Array.from(scoreClip(errors, statistics, scoring), ({ score }) => score),
      labels,
    );
  const [expected, actual] = [auc(plain), auc(streamed)];
  // Even weights that learned nothing see a difference, or the comparison would say nothing.
  expect(Math.abs(expected! - 0.5)).toBeGreaterThan(0.05);
  expect(Math.abs(actual! - expected!)).toBeLessThan(0.001);
});
