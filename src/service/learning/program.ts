/** A program: the learner's process, which `FootageLearner` owns. It learns one camera. */

import { UserError } from '../../errors.ts';
import { superviseThis } from '../process/child.ts';
import { learn } from './learn.ts';
import type { FromLearner, LearningProgress, ToLearner } from './messages.ts';

/** Milliseconds between two messages of progress, at least. */
const PROGRESS_SPACE = 500;

let reported: { readonly phase: LearningProgress['phase']; readonly at: number } | undefined;

const line = superviseThis<ToLearner, FromLearner>(async ({ job, options }) => {
  try {
    line.send({ kind: 'learned', learned: await learn(job, options, report) });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    line.send({ kind: 'refused', reason: error.message });
  }
});

function report(progress: LearningProgress): void {
  const at = performance.now();
  if (reported?.phase === progress.phase && at - reported.at < PROGRESS_SPACE) return;
  reported = { phase: progress.phase, at };
  line.send({ kind: 'progress', progress });
}
