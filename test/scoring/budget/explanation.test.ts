import { expect, test } from 'vitest';
import { explainVerdict } from '../../../src/scoring/budget/explanation.ts';
import type { KeptEvent } from '../../../src/scoring/budget/keeper.ts';

const event: KeptEvent = {
  id: 'a',
  start: 0,
  end: 5000,
  threshold: 19.2,
  excess: 2,
  peak: 18.84,
  verdict: 'real',
  refunded: 1,
};

test('a verdict says what it did and why', () => {
  expect(explainVerdict({ from: 19.2, to: 18.7, verdict: 'real', event })).toBe(
    'threshold 19.2 → 18.7, because it stays below this event (18.8), its alarm was given back to the budget and its minutes no longer count as ordinary footage',
  );
  expect(explainVerdict({ from: 19.2, to: 19.4, verdict: 'normal', event }, { likeIt: true })).toBe(
    'threshold 19.2 → 19.4, because this event now counts as ordinary footage and what looks and moves like it there is a near miss from now on',
  );
  expect(explainVerdict({ from: 19.21, to: 19.2, verdict: null, event })).toBe(
    'threshold stays at 19.2, because the verdict was taken back',
  );
});
