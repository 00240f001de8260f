#!/usr/bin/env node
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `m2s2l: needs Node 22.13 or newer, this is ${process.versions.node}; in a clone, npx m2s2l uses the one that npm ci installed\n`,
  );
  process.exit(2);
}
const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const { run } = await import(process.features.typescript && existsSync(source) ? source : built);
process.exitCode = await run(process.argv.slice(2));
