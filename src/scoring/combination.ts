import { UnknownCase } from '../errors.ts';

/** How the rarities of several maps are combined. */
export const combinations = ['sum', 'largest'] as const;
export type Combination = (typeof combinations)[number];

/** @param rarities of the maps that the model has */
export function combined(rarities: readonly number[], combination: Combination): number {
  switch (combination) {
    case 'sum':
      return rarities.reduce((sum, value) => sum + value, 0);
    case 'largest':
      return Math.max(...rarities);
    default:
      throw new UnknownCase(combination satisfies never);
  }
}
