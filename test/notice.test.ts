import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// FFmpeg's own word on how it was built differs by platform.
const platform = process.platform === 'linux' && process.arch === 'x64';

test.skipIf(!platform)('NOTICE is what npm run notice makes', () => {
  const script = join(import.meta.dirname, '../scripts/notice.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
