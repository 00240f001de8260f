import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Access, TooManyAttempts } from '../../../src/service/access/access.ts';
import { hashToken } from '../../../src/service/access/tokens.ts';
import { StoreFull } from '../../../src/service/parts.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../video/footage.ts';
import { ask, runningServer } from '../api/running.ts';
import { memoryTokens } from '../memory-tokens.ts';

const MINUTE = 60_000;

function access(loopbackIsAdmin = false) {
  const clock = { now: 1_000_000 };
  const tokens = memoryTokens();
  return { clock, tokens, access: new Access({ tokens, loopbackIsAdmin, now: () => clock.now }) };
}

const asking = (token?: string, session?: string, address = '10.0.0.9') => ({
  address,
  headers: { host: 'm2s2l.local', ...(token && { authorization: `Bearer ${token}` }) },
  httpVersion: '1.1',
  session,
});

describe('tokens', () => {
  const folder = temporaryFolders();

  test('the first one is made once, and stored as nothing but its hash', async () => {
    const path = await folder();
    const store = openStore(path);
    const first = new Access({ tokens: store, loopbackIsAdmin: false });
    const token = first.firstToken()!;
    expect(token).toMatch(/^m2s2l_[\w-]{43}$/);
    expect(first.firstToken()).toBeUndefined();
    expect(first.identify(asking(token))).toMatchObject({ role: 'admin', by: 'token' });
    expect(store.tokenByHash(hashToken(token))?.role).toBe('admin');
    expect(JSON.stringify(first.tokens())).not.toContain(token.slice(6));
    store.close();

    const again = openStore(path);
    const second = new Access({ tokens: again, loopbackIsAdmin: false });
    expect(second.firstToken()).toBeUndefined();
    expect(second.identify(asking(token))?.role).toBe('admin');
    again.close();
  });

  test('none is made where none is needed', () => {
    expect(access(true).access.firstToken()).toBeUndefined();
  });

  test('their last use is stored, but not at each', () => {
    const { access: a, clock } = access();
    const { token, added } = a.addToken('page', 'viewer');
    const lastUsed = () => a.tokens().find(({ id }) => id === added.id)!.lastUsed;
    expect(lastUsed()).toBeNull();
    a.identify(asking(token));
    const first = lastUsed();
    expect(first).toBe(clock.now);
    clock.now += 1000;
    a.identify(asking(token));
    expect(lastUsed()).toBe(first);
    clock.now += 2 * MINUTE;
    a.identify(asking(token));
    expect(lastUsed()).toBe(clock.now);
  });

  test('let people in where the disk is full', () => {
    const { access: a, tokens } = access();
    const { token } = a.addToken('page', 'viewer');
    tokens.tokenUsed = () => {
      throw new StoreFull('full');
    };
    expect(a.identify(asking(token))?.role).toBe('viewer');
  });

  test('the last one of an admin stays', () => {
    const { access: a } = access();
    const first = a.addToken('first', 'admin').added.id;
    a.addToken('page', 'viewer');
    expect(() => a.removeToken(first)).toThrow(/last token of an admin/);
    a.addToken('second', 'admin');
    expect(a.removeToken(first)).toBe(true);
    expect(a.removeToken(first)).toBe(false);
  });
});

describe('sessions', () => {
  test('end by time, by signing out, and with their token', () => {
    const { access: a, clock } = access();
    const { token, added } = a.addToken('page', 'viewer');
    const cookie = () => a.signIn(token, '10.0.0.9')!.cookie;
    const [timed, signedOut, revoked] = [cookie(), cookie(), cookie()];
    for (const each of [timed, signedOut, revoked])
      expect(a.identify(asking(undefined, each))).toMatchObject({ role: 'viewer', by: 'session' });
    a.signOut(signedOut);
    expect(a.identify(asking(undefined, signedOut))).toBeUndefined();
    clock.now += 7 * 24 * 60 * MINUTE;
    expect(a.identify(asking(undefined, timed))).toBeUndefined();
    const fresh = cookie();
    a.removeToken(added.id);
    expect(a.identify(asking(undefined, fresh))).toBeUndefined();
  });

  test('a cookie that is made up is nobody', () => {
    expect(access().access.identify(asking(undefined, 'x'.repeat(43)))).toBeUndefined();
  });
});

describe('guessing', () => {
  test('waits longer and longer; the right token does not help meanwhile', () => {
    const { access: a, clock } = access();
    const { token } = a.addToken('page', 'admin');
    for (let i = 0; i < 5; i++) expect(a.signIn('wrong', '10.0.0.9')).toBeUndefined();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const wait = thrown(() => a.signIn(token, '10.0.0.9')).wait;
      expect(thrown(() => a.identify(asking(token))).wait).toBe(wait);
      waits.push(wait);
      clock.now += wait;
      a.signIn('wrong', '10.0.0.9');
    }
    expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(waits.at(-1)).toBe(15 * MINUTE);
    const other = a.addToken('other', 'viewer').token;
    expect(a.signIn(other, '10.0.0.10')?.role).toBe('viewer');
    clock.now += 15 * MINUTE;
    expect(a.signIn(token, '10.0.0.9')?.role).toBe('admin');
    expect(a.attempts.wait('10.0.0.9')).toBe(0);
  });

  test('from many addresses waits together, but no token that let somebody in before', () => {
    const { access: a, clock } = access();
    const known = a.addToken('page', 'admin').token;
    const fresh = a.addToken('new', 'viewer').token;
    a.signIn(known, '10.0.0.1');
    for (let i = 0; i < 60; i++) a.signIn('wrong', `10.1.0.${i}`);
    expect(thrown(() => a.signIn(fresh, '10.0.0.2')).wait).toBe(MINUTE);
    expect(a.signIn(known, '10.0.0.2')?.role).toBe('admin');
    expect(a.attempts.failed).toBe(60);
    clock.now += MINUTE;
    expect(a.signIn(fresh, '10.0.0.2')?.role).toBe('viewer');
  });

  test('does not hold up those behind the same proxy who are in', () => {
    const { access: a } = access();
    const { token, added } = a.addToken('page', 'viewer');
    a.identify(asking(token));
    for (let i = 0; i < 6; i++) {
      if (a.attempts.wait('10.0.0.9') === 0) a.identify(asking('wrong'));
      expect(a.identify(asking(token))?.role).toBe('viewer');
    }
    expect(thrown(() => a.identify(asking('wrong'))).wait).toBe(1000);
    a.removeToken(added.id);
    expect(a.identify(asking(token))).toBeUndefined();
    expect(thrown(() => a.identify(asking(token))).wait).toBe(2000);
  });

  test('from one network of IPv6 is one address', () => {
    const { access: a } = access();
    const addresses = ['2001:db8::1', '2001:db8::ffff', '2001:db8:0:0:1:2:3:4'];
    for (let i = 0; i < 6; i++) a.attempts.failure(addresses[i % 3]!);
    expect(a.attempts.wait('2001:db8::9:9')).toBeGreaterThan(0);
    expect(a.attempts.wait('2001:db8:1::1')).toBe(0);
    expect(a.attempts.wait('::ffff:10.0.0.1')).toBe(0);
  });
});

function thrown(run: () => unknown): TooManyAttempts {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(TooManyAttempts);
    return error as TooManyAttempts;
  }
  throw new Error('nothing was thrown');
}

describe('over HTTP', () => {
  const running = runningServer();

  test('a session opens by a token and ends', async () => {
    const { address, viewer } = running();
    expect((await ask(address, 'GET', '/api/session')).json).toMatchObject({
      role: null,
      by: null,
      tokenNeeded: true,
    });
    const opened = await ask(address, 'POST', '/api/session', { body: { token: viewer } });
    expect(opened.json).toMatchObject({ role: 'viewer', by: 'session', tokenNeeded: true });
    const set = opened.headers['set-cookie']![0]!;
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    expect(set).not.toContain(viewer);
    const headers = { cookie: set.split(';')[0]!, origin: address };
    expect((await ask(address, 'GET', '/api/cameras', { headers })).status).toBe(200);
    expect((await ask(address, 'DELETE', '/api/session', { headers })).status).toBe(204);
    expect((await ask(address, 'GET', '/api/cameras', { headers })).status).toBe(401);
  });

  test('a new token is shown once, and works until it is removed', async () => {
    const { address, ask: asAdmin } = running();
    const made = await asAdmin('POST', '/api/tokens', { body: { name: 'wall', role: 'viewer' } });
    expect(made.status).toBe(201);
    const { id, token } = made.json;
    expect((await asAdmin('GET', '/api/tokens')).text).not.toContain(token);
    expect((await ask(address, 'GET', '/api/cameras', { token })).status).toBe(200);
    expect((await asAdmin('DELETE', `/api/tokens/${id}`)).status).toBe(204);
    expect((await ask(address, 'GET', '/api/cameras', { token })).status).toBe(401);
  });

  test('too many wrong tokens are a 429 that says how long to wait', async () => {
    const { address, admin, server } = running();
    const tries = [];
    for (let i = 0; i < 7; i++)
      tries.push(await ask(address, 'POST', '/api/session', { body: { token: `wrong${i}` } }));
    expect(tries.slice(0, 4).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    const last = tries.find(({ status }) => status === 429)!;
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect(last.json.error).toMatch(/wait \d+ s/);
    const { token } = server.access.addToken('new', 'viewer');
    expect((await ask(address, 'GET', '/api/cameras', { token })).status).toBe(429);
    expect((await ask(address, 'GET', '/api/cameras', { token: admin })).status).toBe(200);
  });
});

test('a clock that is set back keeps nobody out', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const a = new Access({ tokens: memoryTokens(), loopbackIsAdmin: false });
  for (let i = 0; i < 5; i++) a.identify(asking('wrong'));
  vi.setSystemTime(Date.now() - 3_600_000);
  expect(a.attempts.wait('10.0.0.9')).toBeLessThanOrEqual(1000);
});
