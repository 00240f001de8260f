/**
 * `node scripts/without-avx512.ts COMMAND…`: runs a command with ONNX Runtime's kernels for AVX2 on a
 * machine that has AVX-512, for a rate that older machines can be compared with. It preloads a copy of
 * the library in which the processor's answer about its registers is cut to those of AVX2. Linux on x64.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** xgetbv; mov eax, eax; shl rdx, 32; or rdx, rax; not rax; test al, 6: where the kernels are chosen. */
const chosen = Buffer.from('0f01d089c048c1e2204809c248f7d04989d0a806', 'hex');
const moves = 3;
/** and eax, 31; xor edx, edx; nop: neither the registers of AVX-512 nor those of AMX. */
const narrowed = Buffer.from('83e01f31d290', 'hex');

const [command, ...parameters] = process.argv.slice(2);
if (!command) throw new Error('usage: node scripts/without-avx512.ts COMMAND…');
const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const library = await readFile(join(runtime, 'bin/napi-v6/linux/x64/libonnxruntime.so.1'));
const at = library.indexOf(chosen);
if (at < 0 || library.indexOf(chosen, at + 1) >= 0)
  throw new Error('this version of ONNX Runtime chooses its kernels in another way');
narrowed.copy(library, at + moves);
const folder = await mkdtemp(join(tmpdir(), 'm2s2l-avx2-'));
try {
  // The loader resolves later requests by this name to the library loaded first.
  const preloaded = join(folder, 'libonnxruntime.so.1');
  await writeFile(preloaded, library);
  const env = { ...process.env, LD_PRELOAD: preloaded };
  process.exitCode = spawnSync(command, parameters, { env, stdio: 'inherit' }).status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
