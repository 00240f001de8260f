import { ScoringJobs } from '../../../src/service/jobs/scoring-jobs.ts';
import { openLog } from '../../../src/service/log/log.ts';

// A worker that a test kills, or ends by SIGTERM: `runner.ts ADDRESS FILES`.
const [address, files] = process.argv.slice(2) as [string, string];
const jobs = new ScoringJobs({ address, files, logger: openLog('info') });
jobs.start();
process.once('SIGTERM', async () => {
  await jobs.stop();
  process.exit(0);
});
