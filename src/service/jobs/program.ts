/** A program: the process that scores recordings, which `ScoringProcess` owns. It does one at a time. */

import { loadModel, type Model } from '../../detector/model.ts';
import { UserError } from '../../errors.ts';
import { openSource } from '../../video/open-source.ts';
import { superviseThis } from '../process/child.ts';
import type { FromScorer, ToScorer } from './messages.ts';
import { writeScores } from './scores-file.ts';

/** The model of the last recording: most are of the same. */
let loaded: { readonly folder: string; readonly model: Model } | undefined;

superviseThis<ToScorer, FromScorer>(async (order, line) => {
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
  await writeScores(out, model.score(source, { regions }), source);
}

async function modelOf(folder: string): Promise<Model> {
  if (loaded?.folder === folder) return loaded.model;
  await loaded?.model.release();
  loaded = undefined;
  const model = await loadModel(folder);
  loaded = { folder, model };
  return model;
}
