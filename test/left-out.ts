/** A test of a run, as far as the closing line needs it. */
export interface RunTest {
  /** Of the file, of the groups around it, and its own. */
  readonly titles: readonly string[];
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  /** The outermost group that was skipped with it, by its place among the titles; its own without one. */
  readonly skippedAt?: number | undefined;
  /** Why, where the test said so as it ran. */
  readonly note?: string | undefined;
}

const REASON = /\((?:skipped: )?([^()]+)\)$/;

/**
 * The closing line of a run: how many tests passed and failed, and which groups left themselves out,
 * each with the reason that stands in its title or that it gave.
 */
export function closingLine(tests: readonly RunTest[]): string {
  const count = (state: RunTest['state']) => tests.filter((test) => test.state === state).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const figures = `Tests: ${passed} passed${failed > 0 ? `, ${failed} failed` : ''}`;
  if (skipped === 0) return `${figures}, nothing left out`;
  const groups = new Map<string, number>();
  for (const test of tests) {
    if (test.state !== 'skipped') continue;
    const group = groupOf(test);
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  const named = [...groups].map(([group, tests]) => `${group}${tests > 1 ? ` [${tests}]` : ''}`);
  return `${figures}, ${skipped} left out: ${named.join('; ')}`;
}

function groupOf({ titles, skippedAt = titles.length - 1, note }: RunTest): string {
  const title = titles[skippedAt] ?? '';
  const reason = note ?? REASON.exec(title)?.[1] ?? 'it gives no reason';
  return `${titles[0]}: ${title.replace(REASON, '').trim()} (${reason})`;
}
