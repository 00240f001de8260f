/**
 * The main job on real footage: learns two hours of the bundled indoor camera, evaluates the labelled
 * hour, and says where the report lies. It runs the very commands that it prints.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/cli/main.ts';

const data = 'demo/upcam';
const out = 'out/demo';

const commands = [
  `train ${data} --out ${out}/model --preset tiny --minutes 0.7`,
  `eval ${out}/model ${data} --report ${out}/report`,
];

process.chdir(join(import.meta.dirname, '..'));
await rm(out, { recursive: true, force: true });
for (const command of commands) {
  process.stderr.write(`\n$ npx m2s2l ${command}\n`);
  const code = await run(command.split(' '));
  if (code !== 0) process.exit(code);
}
process.stderr.write(`
The same by hand (choose another --out, or remove ${out} before):
${commands.map((command) => `  npx m2s2l ${command}\n`).join('')}and every frame of a video, with its regions and curve drawn:
  npx m2s2l score ${out}/model ${data}/testing/videos/00.mp4 --jsonl ${out}/scores.jsonl --overlay ${out}/scored.mp4
`);
