import { concat, type Value } from '../graph/index.ts';
import { type MemoryReading, memoryBank } from '../nn/memory-bank.ts';
import type { Net } from '../nn/parameters.ts';
import type { ModelConfiguration } from './configuration.ts';
import type { PartName, Parts } from './decomposition.ts';
import type { Alter } from './m2s2l.ts';

export interface RememberedParts {
  /**
   * Input of the decoders, `[B, cells, partWidth]` each: the parts as read from the memories. Twice as
   * wide with `memoryBypass`.
   */
  readonly common: Value;
  readonly appearance: Value | undefined;
  readonly motion: Value | undefined;
  /** The readings of the banks, by part; empty without memory. */
  readonly readings: Readonly<Partial<Record<PartName, MemoryReading>>>;
}

/** 4. Reads each part through its own bank of normal prototypes: M_c, M_a and M_m. */
export function remember(
  net: Net,
  c: ModelConfiguration,
  { common, appearance, motion }: Parts,
  alter: Alter,
): RememberedParts {
  const readings: Partial<Record<PartName, MemoryReading>> = {};
  const recall = (name: PartName, part: Value): Value => {
    if (c.memorySlots === 0) return alter(name, part);
    const bank = memoryBank(net, name, part, c.memorySlots, c.memoryBypass ? 'step' : 'ramp');
    readings[name] = bank;
    return alter(name, c.memoryBypass ? concat([part, bank.read], 2) : bank.read);
  };
  return net.graph.within('memory', () => ({
    common: recall('common', common),
    appearance: appearance && recall('appearance', appearance),
    motion: motion && recall('motion', motion),
    readings,
  }));
}
