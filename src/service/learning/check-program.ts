/** A program: tries a model folder, which may crash, hang or take all memory; `checkModel` starts it. */

import { Model } from '../../detector/model.ts';
import { UserError } from '../../errors.ts';
import { StreamScorer } from '../../scoring/score.ts';
import { superviseThis } from '../process/child.ts';
import { checkedFolder } from './checked-model.ts';
import type { FromCheck, ToCheck } from './messages.ts';

const GRAY = 128;

const line = superviseThis<ToCheck, FromCheck>(async ({ folder }) => {
  try {
    const model = await checkedFolder(folder);
    await tryModel(folder);
    if (model.lights) await tryModel(model.lights.night.folder);
    line.send({ kind: 'good', model });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    line.send({ kind: 'refused', reason: error.message });
  }
});

async function tryModel(folder: string): Promise<void> {
  const model = await Model.load(folder, { batch: 1 });
  const { detector, description } = model;
  const { width, height, channels } = detector.format;
  const frame = new Uint8Array(channels * height * width).fill(GRAY);
  const scorer = new StreamScorer(description.statistics, description.scoring);
  const stream = detector.open();
  for (let i = 0; i < detector.clipLength; i++) {
    const [errors] = await detector.step([{ stream, frame }]);
    if (errors) requireScore(folder, scorer, errors);
  }
  await model.release();
}

function requireScore(
  folder: string,
  scorer: StreamScorer,
  errors: Parameters<StreamScorer['push']>[0],
): void {
  let reason = 'its score is not a number';
  try {
    if (Number.isFinite(scorer.push(errors).score)) return;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof UserError)) throw error;
    reason = error.message;
  }
  throw new UserError(`${folder}: cannot score a gray picture (${reason}); take another model`);
}
