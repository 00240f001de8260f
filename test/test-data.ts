import { join } from 'node:path';

/**
 * A path in the folder of data that is not in the repository: the environment's `M2S2L_TEST_DATA`, or
 * `shared` beside the clone. Tests that need it are skipped where it is not there.
 */
export const testData = (...parts: string[]): string =>
  join(process.env.M2S2L_TEST_DATA ?? join(import.meta.dirname, '..', '..', 'shared'), ...parts);
