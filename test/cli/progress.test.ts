import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { duration, Progress } from '../../src/cli/progress.ts';

function recorder(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return { written, progress: new Progress(stream as unknown as NodeJS.WriteStream) };
}

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('in a pipe is plain lines: the first, one every ten seconds, the last', () => {
    const { written, progress } = recorder(false);
    for (let second = 0; second <= 25; second++) {
      progress.show({ what: 'training', share: second / 25, details: `step ${second}` });
      vi.advanceTimersByTime(1000);
    }
    progress.end();
    expect(written).toEqual([
      'training 0 %  step 0\n',
      'training 40 %  15 s left  step 10\n',
      'training 80 %  5 s left  step 20\n',
      'training 100 %  in 26 s  step 25\n',
    ]);
  });

  test('estimates nothing while nothing is done', () => {
    const { written, progress } = recorder(false);
    for (let second = 0; second <= 20; second++) {
      progress.show({ what: 'scoring', share: 0 });
      vi.advanceTimersByTime(1000);
    }
    expect(new Set(written)).toEqual(new Set(['scoring 0 %\n']));
  });

  test('on a terminal is one line that is redrawn and never wraps', () => {
    const { written, progress } = recorder(true, 40);
    for (let step = 0; step <= 10; step++) {
      progress.show({ what: 'scoring', share: step / 10, details: 'x'.repeat(100) });
      vi.advanceTimersByTime(150);
    }
    progress.note('clip 03: frame 17 cannot be decoded');
    progress.end();
    const lines = written.filter((text) => text.startsWith('\r\x1b[2Kscoring'));
    expect(lines.length).toBe(11);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual('\r\x1b[2K'.length + 39);
    expect(written.slice(-2)).toEqual(['\r\x1b[2K', 'clip 03: frame 17 cannot be decoded\n']);
  });

  test('that ended keeps its last state, and the next work begins a line of its own', () => {
    const { written, progress } = recorder(true);
    progress.show({ what: 'reading', share: 0 });
    progress.show({ what: 'reading', share: 1 });
    progress.show({ what: 'scoring', share: 0 });
    expect(written[1]).toContain('100 %');
    expect(written[2]).toBe('\n');
    expect(written[3]).toContain('scoring');
  });

  test.each([
    [0.4, '0 s'],
    [45, '45 s'],
    [187, '3:07'],
    [3729, '1:02:09'],
  ])('%d seconds read %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
