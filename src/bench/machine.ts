import { readFile } from 'node:fs/promises';
import { arch, cpus } from 'node:os';

/** What a rate was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** The widest vector instructions that it offers; `null` where the system does not say. */
  readonly instructions: string | null;
}

export async function thisMachine(): Promise<Machine> {
  const cores = cpus();
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return {
    processor: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    instructions: arch() === 'arm64' ? 'NEON' : widestInstructions(cpuinfo),
  };
}

/** @param cpuinfo `/proc/cpuinfo` of an x64 machine, empty where there is none */
export function widestInstructions(cpuinfo: string): string | null {
  const flags = new Set(cpuinfo.match(/^flags\s*:(.*)$/m)?.[1]?.split(' '));
  if (flags.has('avx512f')) return 'AVX-512';
  if (flags.has('avx2')) return 'AVX2';
  return flags.has('sse2') ? 'SSE' : null;
}
