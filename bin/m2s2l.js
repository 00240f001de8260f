#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Loading the program takes seconds on a busy machine, in which npx may be ended.
const parent = process.ppid;

/** Why m2s2l cannot run here, or undefined. */
function unfit() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 13)) {
    const ofClone = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
    const remedy = existsSync(ofClone)
      ? 'this clone has one: run npx m2s2l'
      : 'install a newer Node.js';
    return `needs Node.js 22.13 or newer, this is ${process.versions.node}; ${remedy}`;
  }
  const { platform, arch } = process;
  if (platform === 'darwin' && arch === 'x64')
    return 'ONNX Runtime has no build for Macs with Intel processors; use another machine, or Linux in a virtual machine';
  if (platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime)
    return 'needs a Linux with glibc, such as Debian or Ubuntu; Alpine has musl';
  return undefined;
}

const reason = unfit();
if (reason) {
  process.stderr.write(`m2s2l: ${reason}\n`);
  process.exit(2);
}
const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const { run } = await import(process.features.typescript && existsSync(source) ? source : built);
process.exitCode = await run(process.argv.slice(2), parent);
