import { expect, test } from 'vitest';
import { Pace } from '../../../src/service/camera/pace.ts';
import { describe as describeSituation } from '../../../src/service/camera/situation.ts';

/** What a camera says of itself whose frames came and were scored so, second by second. */
function told(seconds: readonly (readonly [scored: number, dropped: number])[]): string {
  const pace = new Pace();
  let [scored, dropped] = [0, 0];
  for (const [second, counts] of seconds.entries()) {
    scored += counts[0];
    dropped += counts[1];
    pace.look(1000 * second, scored, dropped);
  }
  const watch = {
    alarm: false,
    keeper: { shadow: false },
    warmingUp: false,
    pace: pace.perSecond,
    dropping: pace.dropping,
  };
  return describeSituation({
    life: 'watching',
    contact: 'online',
    contactReason: '',
    scene: null,
    modelTrouble: undefined,
    scoringLost: undefined,
    learning: undefined,
    watch,
    expectedPace: 10,
  }).detail;
}

const all = Array.from({ length: 8 }, () => [10, 0] as const);

test('a stream that has just stopped is not a machine without time', () => {
  expect(told(all)).toBe('Watches');
  expect(told([...all, [0, 0], [0, 0], [0, 0]])).toContain('no more come from the camera');
});

test('frames that are left out are the machine', () => {
  const half = Array.from({ length: 6 }, () => [4, 6] as const);
  expect(told([...all, ...half])).toContain(
    'scores 4 of 10 frames a second: the machine has no time',
  );
});
