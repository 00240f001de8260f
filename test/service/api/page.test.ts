import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, runningServer } from './running.ts';

describe('the page', () => {
  const above = mkdtempSync(join(tmpdir(), 'm2s2l-test-'));
  // As the page's own folder of files with a hash is called.
  const folder = join(above, 'assets', 'page');
  beforeAll(async () => {
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>m2s2l</title>');
    await writeFile(join(folder, 'assets', 'index-abc.js'), 'export {};');
    await writeFile(join(folder, 'icon.svg'), '<svg/>');
  });
  afterAll(() => rm(above, { recursive: true, force: true }));
  const running = runningServer({ page: folder });
  const fetched = (path: string, method = 'GET') => ask(running().address, method, path);

  test.each(['/', '/events', '/events/abc', '/cameras/yard/settings'])('is at %s', async (path) => {
    const { status, headers, text } = await fetched(path);
    expect([status, text]).toEqual([200, '<!doctype html><title>m2s2l</title>']);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['cache-control']).toBe('no-cache');
  });

  test('its files are kept by browsers, as their names have a hash', async () => {
    const script = await fetched('/assets/index-abc.js');
    expect(script.headers['content-type']).toMatch(/javascript/);
    expect(script.headers['cache-control']).toContain('immutable');
    expect((await fetched('/icon.svg')).headers['cache-control']).toBe('no-cache');
  });

  test('pictures of events are kept by nobody else', async () => {
    const { status, headers } = await running().ask('GET', '/api/events/event-1/thumbnail');
    expect([status, headers['cache-control']]).toEqual([200, 'private, no-cache']);
  });

  test('a file that is missing is not the page, nor is what nobody answers', async () => {
    expect((await fetched('/assets/index-old.js')).status).toBe(404);
    expect((await fetched('/api/nothing')).status).toBe(404);
    expect((await fetched('/api')).status).toBe(404);
    expect((await fetched('/events', 'POST')).status).toBe(404);
    expect((await fetched('/..%2f..%2fpackage.json')).text).not.toContain('dependencies');
  });

  test.each(['/', '/api/service', '/health/live', '/assets/index-abc.js'])(
    '%s may load nothing of other hosts, run no script in it, and stand in no frame',
    async (path) => {
      const { headers } = await fetched(path);
      const policy = headers['content-security-policy'] as string;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(policy).toContain("base-uri 'self'");
      expect(policy).not.toContain('upgrade-insecure-requests');
      expect(headers).toMatchObject({
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
      });
      // The same server is reached without HTTPS, too.
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );
});

describe('without a page that was built', () => {
  const running = runningServer({ page: join(tmpdir(), 'm2s2l-no-page') });

  test('one line says how to build it, and the API works', async () => {
    const { address } = running();
    const { status, text } = await ask(address, 'GET', '/');
    expect([status, text.trim().split('\n').length]).toEqual([404, 1]);
    expect(text).toContain('npm run');
    expect((await running().ask('GET', '/api/events/event-1/thumbnail')).status).toBe(200);
  });
});
