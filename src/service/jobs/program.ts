/** A program: the process that scores recordings, which `ScoringProcess` owns. It does one at a time. */

import { loadModel, type Model } from '../../detector/model.ts';
import { UserError } from '../../errors.ts';
import { openSource } from '../../video/open-source.ts';
import { superviseThis } from '../process/child.ts';
import type { FromScorer, ToScorer } from './messages.ts';
import { writeScores } from './scores-file.ts';

/** Milliseconds between two messages of progress, at least. */
const PROGRESS_SPACE = 5000;

/** The model of the last recording: most are of the same. */
let loaded: { readonly folder: string; readonly model: Model } | undefined;

const line = superviseThis<ToScorer, FromScorer>(async (order) => {
  try {
    await score(order);
    line.send({ kind: 'scored' });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    line.send({ kind: 'refused', reason: error.commandLine });
  }
});

async function score({ job: { fps, regions }, model: folder, video, out }: ToScorer) {
  const model = await modelOf(folder);
  const source = await openSource(video, model.detector.format, { fps });
  const { expectedFrames } = source;
  let reported = performance.now();
  await writeScores(out, model.score(source, { regions }), source, (frame) => {
    const now = performance.now();
    if (!expectedFrames || now - reported < PROGRESS_SPACE) return;
    reported = now;
    line.send({ kind: 'progress', share: Math.min(1, (frame + 1) / expectedFrames) });
  });
}

async function modelOf(folder: string): Promise<Model> {
  if (loaded?.folder === folder) return loaded.model;
  await loaded?.model.release();
  loaded = undefined;
  const model = await loadModel(folder);
  loaded = { folder, model };
  return model;
}
