/** Budgets that a slider stops at, alarms a day, about evenly spaced by their logarithm. */
const STEPS = [1 / 30, 1 / 14, 1 / 7, 2 / 7, 0.5, 1, 2, 3, 4, 6, 8, 12, 24, 48, 96, 240].map(
  (alarms) => Number(alarms.toFixed(4)),
);

/** The slider's stops, with the budget in force among them. */
export const budgetSteps = (inForce: number): number[] =>
  STEPS.includes(inForce) ? STEPS : [...STEPS, inForce].sort((a, b) => a - b);

/** `4 alarms a day`, `1 alarm a week` */
export function budgetWords(alarmsPerDay: number): string {
  const [count, span] =
    alarmsPerDay >= 48
      ? [alarmsPerDay / 24, 'an hour']
      : alarmsPerDay >= 0.9
        ? [alarmsPerDay, 'a day']
        : alarmsPerDay >= 0.13
          ? [alarmsPerDay * 7, 'a week']
          : [alarmsPerDay * 30, 'a month'];
  const rounded = Number(count.toFixed(count < 10 ? 1 : 0));
  return `${rounded} ${rounded === 1 ? 'alarm' : 'alarms'} ${span}`;
}

/** Presets of the model, in words. */
export const PRESETS = {
  tiny: { title: 'Quick', hint: 'Least work for the processor; sees coarse things' },
  small: { title: 'Standard', hint: 'Good for most cameras' },
  base: { title: "The paper's", hint: 'The largest; wants a fast machine and a longer training' },
} as const;
