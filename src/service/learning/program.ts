/** A program: the learner's process, which `FootageLearner` owns. It learns one camera. */

import { UserError } from '../../errors.ts';
import { superviseThis } from '../process/child.ts';
import { learn } from './learn.ts';
import type { FromLearner, LearningProgress, ToLearner } from './messages.ts';

/** Milliseconds between two tellings of how far it is, at least. */
const PROGRESS_SPACE = 500;

let told = Number.NEGATIVE_INFINITY;

const line = superviseThis<ToLearner, FromLearner>(async ({ job, options }) => {
  try {
    line.send({ kind: 'learned', learned: await learn(job, options, tell) });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    line.send({ kind: 'refused', reason: error.message });
  }
});

function tell(progress: LearningProgress): void {
  if (performance.now() - told < PROGRESS_SPACE) return;
  told = performance.now();
  line.send({ kind: 'progress', progress });
}
