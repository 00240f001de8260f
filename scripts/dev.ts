/** The service with the demo camera, and the page's development server with hot reload beside it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const started = [
  [join(root, 'bin/m2s2l.js'), 'serve', '--demo', '--data', join(root, 'out/dev')],
  [join(root, 'node_modules/vite/bin/vite.js'), join(root, 'dashboard')],
].map((words) => spawn(process.execPath, words, { cwd: root, stdio: 'inherit' }));

const endAll = () => {
  for (const child of started) child.kill('SIGTERM');
};
process.on('SIGINT', endAll).on('SIGTERM', endAll);
for (const child of started) child.on('exit', endAll);
