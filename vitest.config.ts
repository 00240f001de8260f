import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, in the order in which they run after all others. */
const slow = [
  'test/graph/check-vectors',
  'test/graph/gradients',
  'test/model/ablations',
  'test/runtime/webgpu',
  'test/export/',
  'test/cli/',
  'test/dashboard/page',
  'test/examples',
];

const rank = ({ moduleId }: TestSpecification): number =>
  slow.findIndex((part) => moduleId.includes(part));

/** Fast tests first: what is broken is told soon. */
class FastFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests never time things; this only ends one that hangs, on a machine that is busy.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: ['default', './test/left-out-reporter.ts'],
    sequence: { sequencer: FastFirst },
  },
});
