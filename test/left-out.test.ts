import { expect, test } from 'vitest';
import { closingLine, type RunTest } from './left-out.ts';

const passed: RunTest = { titles: ['a.test.ts', 'one'], state: 'passed' };

test('a run without gaps says so', () => {
  expect(closingLine([passed, passed])).toBe('Tests: 2 passed, nothing left out');
});

test('groups that were left out are named once, with their reason', () => {
  const disk = 'a full disk (skipped: no permission to mount a small tmpfs)';
  const skipped = (name: string): RunTest => ({
    titles: ['b.test.ts', disk, 'inner', name],
    state: 'skipped',
    skippedAt: 1,
  });
  expect(closingLine([passed, skipped('two'), skipped('three')])).toBe(
    'Tests: 1 passed, 2 left out: b.test.ts: a full disk (no permission to mount a small tmpfs) [2]',
  );
});

test('a test gives its own reason, in its title or as it runs; one without any is shown up', () => {
  const skipped = { state: 'skipped' } as const;
  expect(
    closingLine([
      { ...passed, state: 'failed' },
      { ...skipped, titles: ['c.test.ts', 'Ped2 is read (needs shared data)'] },
      { ...skipped, titles: ['c.test.ts', 'recording'], note: 'no small disk' },
      { ...skipped, titles: ['c.test.ts', 'shy'] },
    ]),
  ).toBe(
    'Tests: 0 passed, 1 failed, 3 left out: c.test.ts: Ped2 is read (needs shared data); ' +
      'c.test.ts: recording (no small disk); c.test.ts: shy (it gives no reason)',
  );
});
