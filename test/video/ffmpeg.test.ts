import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { requireNode } from '../../src/video/ffmpeg.ts';

test('a Node.js that would give no frames is told', () => {
  expect(() => requireNode('20.20.0')).toThrow(UserError);
  expect(() => requireNode('20.20.0')).toThrow(/22/);
  expect(() => requireNode('22.0.0')).not.toThrow();
  expect(() => requireNode('24.21.0')).not.toThrow();
});
