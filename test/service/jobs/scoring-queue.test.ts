import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  noteShare,
  openScoringQueue,
  queuedJobs,
  SCORING,
} from '../../../src/service/jobs/scoring-queue.ts';
import { type Databases, testDatabases } from '../../postgres/databases.ts';

let databases: Databases;
beforeAll(async () => {
  databases = await testDatabases();
});
afterAll(() => databases.close());

test('how far a worker is can be seen, but not from one that lost the job', async () => {
  const queue = await openScoringQueue(await databases.create(), (error) => {
    throw error;
  });
  onTestFinished(() => queue.stop({ graceful: false }));
  const id = randomUUID();
  const seen = async () => await queuedJobs(queue, [id]);
  expect(await seen()).toEqual([]);
  await queue.insert(SCORING, [{ id, data: {} }]);
  await queue.insert(SCORING, [{ id, data: { again: true } }]);
  expect(await seen()).toEqual([{ id, state: 'created', share: 0, reason: undefined }]);

  const [job] = await queue.fetch(SCORING);
  await noteShare(queue, job!, 0.25);
  await noteShare(queue, { id, retryCount: job!.retryCount - 1 }, 0.75);
  expect(await seen()).toEqual([{ id, state: 'active', share: 0.25, reason: undefined }]);

  await queue.fail(SCORING, id, new Error('it cannot be read'));
  expect(await seen()).toEqual([{ id, state: 'retry', share: 0, reason: 'it cannot be read' }]);
});
