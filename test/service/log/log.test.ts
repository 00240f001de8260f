import { expect, test } from 'vitest';
import { newToken } from '../../../src/service/access/tokens.ts';
import { openLog } from '../../../src/service/log/log.ts';

test('no token and no password gets into the log, wherever it stands', () => {
  const lines: string[] = [];
  const log = openLog('info', { write: (line) => void lines.push(line) });
  const token = newToken();
  const camera = 'rtsp://operator:hunter2@10.0.0.9/live?password=hunter2';
  log.info(`opens ${camera}`);
  log.warn({ source: { url: camera }, err: new Error(`${camera}: refused`) }, 'offline');
  log.error({ headers: { authorization: `Bearer ${token}` } }, `with ${token}`);
  log.info('rtsp://operator:hun"ter2@10.0.0.9/live');
  log.debug('not wanted');
  expect(lines.length).toBe(4);
  for (const line of lines) {
    expect(line).not.toMatch(/operator|hun.*ter2/);
    expect(line).not.toContain(token.slice(6));
    expect(() => JSON.parse(line)).not.toThrow();
  }
  expect(JSON.parse(lines[0]!).msg).toBe('opens rtsp://***@10.0.0.9/live?password=***');
});
