import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetedAlarms } from '../../../src/scoring/budget/alarms.ts';
import { footageNeeded, mostAlarms, storeOf } from '../../../src/scoring/budget/guarantee.ts';
import {
  BudgetKeeper,
  type KeeperStart,
  type KeeperState,
} from '../../../src/scoring/budget/keeper.ts';
import { thresholdAt } from '../../../src/scoring/budget/tail.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Footage whose alarms come once an hour above 10, and a factor of e more rarely for each 2 above. */
const start: KeeperStart = {
  tail: {
    points: [
      { level: 10, rate: 1 },
      { level: 4, rate: 20 },
    ],
    meanExcess: 2,
  },
  footage: { hours: 24, hoursOfDay: 24 },
};

/** The same in shadow: ten minutes of footage. */
const little: KeeperStart = { ...start, footage: { hours: 1 / 6, hoursOfDay: 1 } };

function alarmsOf(keeper: BudgetKeeper): BudgetedAlarms {
  let next = 0;
  return new BudgetedAlarms(keeper, () => `${next++}`);
}

/** Starts of the alarms on scores that are each `step` milliseconds after the last. */
function startsOf(
  alarms: BudgetedAlarms,
  scores: Iterable<number>,
  step: number,
  from = 0,
): number[] {
  const starts: number[] = [];
  let time = from;
  for (const score of scores) {
    for (const { change, alarm } of alarms.push(time, score))
      if (change === 'started') starts.push(alarm.start);
    time += step;
  }
  return starts;
}

const score = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ min: 0, max: 40, noNaN: true }),
);
const budget = fc.oneof(
  fc.constantFrom(1 / 720, 4 / 24, 1, 10, 60),
  fc.double({ min: 1e-3, max: 100, noNaN: true }),
);
const minutes = fc.array(fc.tuple(fc.integer({ min: 1, max: 90 * MINUTE }), score), {
  maxLength: 300,
});

describe('the guarantee', () => {
  it('holds in every span of time, whatever the scores are', () => {
    fc.assert(
      fc.property(minutes, budget, (steps, budgetPerHour) => {
        const keeper = new BudgetKeeper(budgetPerHour, start);
        const alarms = alarmsOf(keeper);
        const starts: number[] = [];
        let time = 0;
        for (const [step, value] of steps) {
          time += step;
          for (const { change } of alarms.push(time, value))
            if (change === 'started') starts.push(time);
        }
        for (const [i, from] of starts.entries())
          for (const [j, to] of starts.entries())
            if (j >= i) {
              const most = mostAlarms(budgetPerHour, (to - from) / HOUR);
              expect(j - i + 1).toBeLessThanOrEqual(most + 1e-9);
            }
      }),
      { numRuns: 300 },
    );
  });

  it('allows one more for each alarm judged real, whatever is judged and taken back', () => {
    const acts = fc.array(
      fc.record({
        step: fc.integer({ min: MINUTE, max: 3 * HOUR }),
        score,
        judge: fc.option(
          fc.tuple(fc.nat(), fc.constantFrom('real' as const, 'normal' as const, null)),
        ),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(acts, budget, (steps, budgetPerHour) => {
        const keeper = new BudgetKeeper(budgetPerHour, start);
        const alarms = alarmsOf(keeper);
        const ids: string[] = [];
        const real = new Set<string>();
        let time = 0;
        for (const { step, score: value, judge } of steps) {
          time += step;
          for (const { change, alarm } of alarms.push(time, value))
            if (change === 'started') ids.push(alarm.id);
          if (judge && ids.length > 0) {
            const id = ids[judge[0] % ids.length]!;
            if (keeper.judge(id, judge[1]) && judge[1] === 'real') real.add(id);
          }
        }
        const most = mostAlarms(budgetPerHour, time / HOUR) + real.size;
        expect(ids.length).toBeLessThanOrEqual(most + 1e-9);
      }),
      { numRuns: 200 },
    );
  });

  it('is not given away by an alarm beyond the store', () => {
    const keeper = new BudgetKeeper(1 / 24, start);
    keeper.push(0, 0);
    expect(keeper.saved).toBeLessThan(2);
    keeper.alarm('a', 0, 50);
    expect(keeper.threshold).toBe(Number.POSITIVE_INFINITY);
    expect(() => keeper.alarm('b', 1, 50)).toThrow('beyond the budget');
  });
});

describe('the threshold', () => {
  it('is what raises the budget on ordinary footage, at the balance', () => {
    const keeper = new BudgetKeeper(1, start);
    expect(keeper.threshold).toBeCloseTo(10, 9);
    expect(new BudgetKeeper(1 / 12, start).threshold).toBeCloseTo(10 + 2 * Math.log(12), 9);
  });

  it('rises with each alarm and falls with time', () => {
    const keeper = new BudgetKeeper(1 / 8, start);
    keeper.push(0, 0);
    const before = keeper.threshold;
    keeper.alarm('a', 0, 20);
    const after = keeper.threshold;
    expect(after).toBeGreaterThan(before);
    keeper.push(4 * HOUR, 0);
    expect(keeper.threshold).toBeLessThan(after);
    expect(keeper.threshold).toBeGreaterThan(before);
    keeper.push(8 * HOUR, 0);
    expect(keeper.threshold).toBeCloseTo(before, 9);
  });

  it('follows footage whose scores are all higher, and meets the budget there', () => {
    const keeper = new BudgetKeeper(1, start);
    const alarms = alarmsOf(keeper);
    const random = evenNumbers();
    // Once a minute an exponential peak of mean 3 over 30, where 4 was usual.
    const day = () => Array.from({ length: 24 * 60 }, () => 30 - 3 * Math.log(random()));
    startsOf(alarms, day(), MINUTE);
    startsOf(alarms, day(), MINUTE, 24 * HOUR);
    const third = startsOf(alarms, day(), MINUTE, 48 * HOUR);
    expect(third.length).toBeGreaterThan(12);
    expect(third.length).toBeLessThanOrEqual(29);
  });

  it('depends on no scale: scores times ten give ten times the threshold', () => {
    const scale = (factor: number): KeeperStart => ({
      ...start,
      tail: {
        points: start.tail.points.map(({ level, rate }) => ({ level: factor * level, rate })),
        meanExcess: factor * start.tail.meanExcess,
      },
    });
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 40, noNaN: true })), (scores) => {
        const [one, ten] = [1, 8].map((factor) => {
          const keeper = new BudgetKeeper(1, scale(factor));
          const starts = startsOf(
            alarmsOf(keeper),
            scores.map((s) => factor * s),
            5 * MINUTE,
          );
          return { starts, level: keeper.level / factor };
        });
        expect(ten!.starts).toEqual(one!.starts);
        expect(ten!.level).toBeCloseTo(one!.level, 9);
      }),
    );
  });
});

describe('shadow', () => {
  it('lasts until there is footage enough for the budget, over enough hours of the day', () => {
    const keeper = new BudgetKeeper(1, little);
    expect(keeper.trust).toMatchObject({ shadow: true, needed: { hours: 6, hoursOfDay: 12 } });
    const ends: number[] = [];
    for (let minute = 0; minute < 24 * 60; minute++) {
      const before = keeper.trust.shadow;
      keeper.push(minute * MINUTE, 1);
      if (before && !keeper.trust.shadow) ends.push(minute / 60);
    }
    expect(ends).toHaveLength(1);
    expect(ends[0]).toBeGreaterThan(11);
    expect(ends[0]).toBeLessThan(12);
  });

  it('is over at once where the model was calibrated on enough, or the budget is large', () => {
    expect(new BudgetKeeper(1, start).trust.shadow).toBe(false);
    expect(new BudgetKeeper(60, little).trust.shadow).toBe(false);
    expect(footageNeeded(60).hours).toBeCloseTo(1 / 6, 9);
  });
});

describe('verdicts', () => {
  /** A keeper after two alarms, of peaks 33 and 38. */
  function afterTwo(): BudgetKeeper {
    const keeper = new BudgetKeeper(4 / 24, little);
    const alarms = alarmsOf(keeper);
    const scores = Array.from({ length: 20 }, (_, i) => ({ 5: 33, 12: 38 })[i] ?? 2);
    expect(startsOf(alarms, scores, MINUTE / 2)).toHaveLength(2);
    return keeper;
  }

  it('real never raises the threshold above its event', () => {
    const keeper = afterTwo();
    for (const id of ['0', '1']) {
      const effect = keeper.judge(id, 'real')!;
      expect(effect.to).toBeLessThan(33);
      expect(effect.to).toBeLessThanOrEqual(effect.from);
      expect(keeper.level).toBeLessThan(33);
    }
  });

  it('real keeps it below from then on, as long as the event is known', () => {
    const keeper = afterTwo();
    keeper.judge('0', 'real');
    // Ordinary scores become higher, but not as often as to flood.
    for (let minute = 10; minute < 24 * 60; minute++)
      keeper.push(minute * MINUTE, minute % 120 === 0 ? 60 : 3);
    expect(keeper.level).toBeLessThan(33);
    keeper.judge('0', null);
    expect(keeper.level).toBeGreaterThan(33);
  });

  it('real gives its alarm back, once, and its flanks are no ordinary footage', () => {
    const keeper = afterTwo();
    const saved = keeper.saved;
    keeper.judge('0', 'real');
    expect(keeper.saved).toBeCloseTo(saved + 1, 9);
    keeper.judge('0', 'real');
    expect(keeper.saved).toBeCloseTo(saved + 1, 9);
    keeper.judge('0', null);
    expect(keeper.saved).toBeCloseTo(saved, 9);
  });

  it('an alarm that nobody judged counts as one, not with its height', () => {
    const run = (peak: number) => {
      const keeper = new BudgetKeeper(1 / 12, start);
      const alarms = alarmsOf(keeper);
      const scores = Array.from({ length: 13 * 60 }, (_, i) =>
        i === 60 ? peak : i % 60 === 0 ? 8 : 2,
      );
      startsOf(alarms, scores, MINUTE);
      return keeper;
    };
    expect(run(1000).level).toBeCloseTo(run(50).level, 9);
    const judged = run(1000);
    const { from, to } = judged.judge('0', 'normal')!;
    expect(to).toBeGreaterThan(from);
  });

  it('taken back leave everything as it was', () => {
    const acts = fc.array(fc.tuple(fc.nat(20), fc.constantFrom('real', 'normal', null)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(score, { maxLength: 200 }), acts, (scores, judgements) => {
        const keeper = new BudgetKeeper(2, start);
        startsOf(alarmsOf(keeper), scores, 7 * MINUTE);
        const level = keeper.level;
        const before = keeper.saved;
        for (const [id, verdict] of judgements) keeper.judge(`${id}`, verdict);
        for (const { id } of keeper.events) keeper.judge(id, null);
        expect(keeper.level).toBeCloseTo(level, 6);
        expect(keeper.saved).toBeCloseTo(before, 6);
      }),
    );
  });

  it('of a near miss that is made known keep the threshold below it, and cost nothing', () => {
    const keeper = new BudgetKeeper(1 / 12, start);
    const peak = keeper.level - 1;
    keeper.note({ id: 'near', start: 0, end: 1000, threshold: keeper.level, peak });
    const { saved } = keeper;
    const { to } = keeper.judge('near', 'real')!;
    expect(to).toBeLessThan(peak);
    expect(keeper.saved).toBe(saved);
    keeper.judge('near', null);
    expect(keeper.saved).toBe(saved);
  });

  it('have nothing to say about an alarm that was withdrawn, which costs nothing', () => {
    const keeper = afterTwo();
    const { saved, level } = keeper;
    keeper.withdraw('0');
    keeper.withdraw('0');
    expect(keeper.saved).toBeCloseTo(saved + 1, 9);
    expect(keeper.level).toBeLessThanOrEqual(level);
    expect(keeper.judge('0', 'real')).toBeUndefined();
  });

  it('of an alarm that is not known say so', () => {
    expect(afterTwo().judge('7', 'real')).toBeUndefined();
  });
});

describe('the state', () => {
  it('goes through JSON and goes on as if nothing had been', () => {
    fc.assert(
      fc.property(minutes, fc.nat(), budget, (steps, cut, budgetPerHour) => {
        const whole = new BudgetKeeper(budgetPerHour, start);
        let resumed = new BudgetKeeper(budgetPerHour, start);
        const at = steps.length === 0 ? 0 : cut % steps.length;
        let time = 0;
        for (const [i, [step, value]] of steps.entries()) {
          time += step;
          if (i === at)
            resumed = BudgetKeeper.resume(JSON.parse(JSON.stringify(resumed.state)) as KeeperState);
          for (const keeper of [whole, resumed]) {
            keeper.push(time, value);
            if (value > keeper.threshold) keeper.alarm(`${i}`, time, value);
          }
        }
        // JSON has no negative zero.
        expect(JSON.stringify(resumed.state)).toBe(JSON.stringify(whole.state));
        expect(resumed.level).toBe(whole.level);
      }),
    );
  });

  it('stays small: a week of minutes', () => {
    const keeper = new BudgetKeeper(1, start);
    for (let hour = 0; hour < 400; hour++) keeper.push(hour * HOUR, hour % 7);
    expect(keeper.state.hours).toHaveLength(168);
  });
});

it('a budget is above 0', () => {
  expect(() => new BudgetKeeper(0, start)).toThrow('a budget of 0');
  expect(storeOf(1 / 24)).toBe(3);
  expect(storeOf(1)).toBe(24);
  expect(thresholdAt(start.tail, 1)).toBe(10);
});

/** Even random numbers in (0, 1), the same in every run. */
function evenNumbers(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}
