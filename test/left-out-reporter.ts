import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import { closingLine, type RunTest } from './left-out.ts';

/** Ends a run with one line that says what it left out. */
export default class LeftOutReporter implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // What a person left out by a name gave no reason.
    if (this.#filtered) return;
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => runTest(module, test)),
    );
    process.stdout.write(`${closingLine(tests)}\n`);
  }
}

function runTest(module: TestModule, test: TestCase): RunTest {
  const groups: TestSuite[] = [];
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent)
    groups.unshift(parent);
  const result = test.result();
  const skippedGroup = groups.findIndex(({ options }) => options.mode === 'skip');
  return {
    titles: [module.relativeModuleId, ...groups.map(({ name }) => name), test.name],
    state: result.state,
    skippedAt: skippedGroup < 0 ? undefined : skippedGroup + 1,
    note: result.state === 'skipped' ? result.note : undefined,
  };
}
