import { concat, type Value } from '../graph/index.ts';
import { memoryBank } from '../nn/memory-bank.ts';
import type { Net } from '../nn/parameters.ts';
import type { ModelConfiguration } from './configuration.ts';
import type { Parts } from './decomposition.ts';

export interface RememberedParts {
  /** Each part beside what its memory knows of it, `[B, cells, 2 * partWidth]`. */
  readonly common: Value;
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** Compactness and separation of each bank; empty without memory. */
  readonly compactness: readonly Value[];
  readonly separation: readonly Value[];
}

/** 4. Reads each part through its own bank of normal prototypes: M_c, M_a and M_m. */
export function remember(net: Net, c: ModelConfiguration, parts: Parts): RememberedParts {
  const { common, appearance, motion } = parts;
  if (c.memorySlots === 0) return { common, appearance, motion, compactness: [], separation: [] };
  const compactness: Value[] = [];
  const separation: Value[] = [];
  const recall = (name: string, part: Value): Value => {
    const bank = memoryBank(net, name, part, c.memorySlots);
    compactness.push(bank.compactness);
    separation.push(bank.separation);
    return concat([part, bank.read], 2);
  };
  return net.graph.within('memory', () => ({
    common: recall('common', common),
    appearance: appearance && recall('appearance', appearance),
    motion: motion && recall('motion', motion),
    compactness,
    separation,
  }));
}
