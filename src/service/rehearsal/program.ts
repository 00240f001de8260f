/** A program: the process of a rehearsal, which `FootageRehearser` owns. It does one job. */

import { loadModel } from '../../detector/model.ts';
import { UserError } from '../../errors.ts';
import { joinedFootage, withoutBreaks } from '../../rehearsal/footage.ts';
import { rehearseFootage } from '../../rehearsal/rehearse.ts';
import type { RehearsalJob, Rehearsed } from '../parts.ts';
import { superviseThis } from '../process/child.ts';
import type { FromRehearser, ToRehearser } from './messages.ts';

/** Milliseconds between two files after which a camera's scores begin again. */
const BREAK = 10_000;

/** Milliseconds between two messages of progress, at least. */
const PROGRESS_SPACE = 500;

let reported = Number.NEGATIVE_INFINITY;

const line = superviseThis<ToRehearser, FromRehearser>(async ({ job }) => {
  try {
    line.send({ kind: 'rehearsed', rehearsed: await rehearsed(job) });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    line.send({ kind: 'refused', reason: error.message });
  }
});

async function rehearsed(job: RehearsalJob): Promise<Rehearsed> {
  report(0);
  const { alarmsPerDay, drill, grouping, regions } = job;
  const model = await loadModel(job.model);
  const { clipLength } = model.detector;
  const runs = withoutBreaks(job.footage, BREAK).filter(
    (files) => files.reduce((sum, { frames }) => sum + frames, 0) >= clipLength,
  );
  if (runs.length === 0)
    throw new UserError(
      `too little footage: not even the ${clipLength} frames without a break that the model needs`,
    );
  const begins = new Map(runs.map((files, i) => [`${i}`, files[0]!.from]));
  const {
    model: _,
    guaranteeConstant: __,
    peaks,
    drill: found = null,
    ...figures
  } = await rehearseFootage(
    model,
    runs.map((files, i) => joinedFootage(`${i}`, files)),
    { alarmsPerDay, drill: drill || undefined, grouping, regions, onProgress: report },
  );
  return {
    ...figures,
    drill: found,
    peaks: peaks.map(({ time, score, file }) => ({ time: begins.get(file)! + 1000 * time, score })),
  };
}

function report(share: number): void {
  const now = performance.now();
  if (now - reported < PROGRESS_SPACE) return;
  reported = now;
  line.send({ kind: 'progress', share });
}
