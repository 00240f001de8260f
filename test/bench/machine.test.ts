import { expect, test } from 'vitest';
import { widestInstructions } from '../../src/bench/machine.ts';

test.each([
  ['flags\t\t: fpu sse2 avx2 avx512f avx512_vnni', 'AVX-512'],
  ['processor : 0\nflags : sse2 avx avx2 fma', 'AVX2'],
  ['flags : fpu sse2', 'SSE'],
  ['', null],
])('of %j the widest instructions are %s', (cpuinfo, instructions) => {
  expect(widestInstructions(cpuinfo)).toBe(instructions);
});
