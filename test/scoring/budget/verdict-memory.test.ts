import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Signature, VerdictMemory } from '../../../src/scoring/budget/verdict-memory.ts';

const signature = (change: Partial<Signature> = {}): Signature => ({
  x: 0.5,
  y: 0.5,
  features: [1, 0, 0, 2],
  score: 20,
  ...change,
});

function after(signatures: readonly Signature[] = [signature()]): VerdictMemory {
  const memory = new VerdictMemory();
  memory.remember({ id: 'a', time: 1000, signatures });
  return memory;
}

describe('the memory of verdicts', () => {
  it('knows again what looks alike at that place, however bright it is', () => {
    expect(after().find(signature({ features: [2.1, 0, 0, 4], x: 0.55 }), 2)?.id).toBe('a');
  });

  it('does not take for it what looks otherwise, is elsewhere, or is much odder', () => {
    expect(after().find(signature({ features: [0, 3, 1, 0] }), 2)).toBeUndefined();
    expect(after().find(signature({ x: 0.8 }), 2)).toBeUndefined();
    expect(after().find(signature({ score: 22.1 }), 2)).toBeUndefined();
    expect(after().find(signature({ score: 21.9 }), 2)?.id).toBe('a');
  });

  it('knows all of an event that changed', () => {
    const turning = Array.from({ length: 40 }, (_, i) =>
      signature({ features: [Math.cos(i / 12), Math.sin(i / 12)], score: i === 33 ? 30 : 20 }),
    );
    const memory = after(turning);
    for (const seen of turning) expect(memory.find(seen, 2)?.id).toBe('a');
    expect(memory.events[0]!.signatures.length).toBeLessThanOrEqual(13);
  });

  it('forgets a verdict that was taken back, and names the latest of several', () => {
    const memory = after();
    memory.remember({ id: 'b', time: 2000, signatures: [signature()] });
    expect(memory.find(signature(), 2)?.id).toBe('b');
    memory.forget('b');
    expect(memory.find(signature(), 2)?.id).toBe('a');
    memory.forget('a');
    expect(memory.find(signature(), 2)).toBeUndefined();
  });

  it('always knows again exactly what it remembers, also through JSON', () => {
    const features = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
      minLength: 6,
      maxLength: 6,
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const one = fc.record({
      x: share,
      y: share,
      features,
      score: fc.double({ min: 0, max: 99, noNaN: true }),
    });
    fc.assert(
      fc.property(one, (seen) => {
        fc.pre(seen.features.some((value) => Math.abs(value) > 1e-3));
        const memory = new VerdictMemory(JSON.parse(JSON.stringify(after([seen]).events)));
        expect(memory.find(seen, 0)?.id).toBe('a');
      }),
    );
  });

  it('stays bounded, and remembers nothing of an event without signatures', () => {
    const memory = new VerdictMemory();
    for (let i = 0; i < 300; i++)
      memory.remember({ id: `${i}`, time: i, signatures: [signature()] });
    expect(memory.events).toHaveLength(200);
    expect(memory.events.at(-1)!.id).toBe('299');
    expect(after([]).events).toEqual([]);
  });
});
