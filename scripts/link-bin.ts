/**
 * Puts the command among the installed ones, so that `npx m2s2l` works inside a clone: npx looks there
 * first, and would otherwise install the project into a cache of its own.
 */
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'node_modules', '.bin');
const link = join(folder, 'm2s2l');
await mkdir(folder, { recursive: true });
await rm(link, { force: true });
await symlink(join('..', '..', 'bin', 'm2s2l.js'), link);
