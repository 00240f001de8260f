import { readFile } from 'node:fs/promises';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { formerHeaders, standardHeaders } from '../../../src/service/outbox/signature.ts';

const signature = (secret: string, body: string, seconds: number): string =>
  formerHeaders(secret, { id: 'a', seconds, body })['m2s2l-signature']!;

test('the library of Standard Webhooks takes what is signed, and nothing that was changed or is old', () => {
  const seconds = Math.floor(Date.now() / 1000);
  const body = '{"a":"ä"}';
  const text = 'the secret';
  const secret = `whsec_${Buffer.from(text).toString('base64')}`;
  const webhook = new Webhook(secret);
  for (const key of [secret, text]) {
    const headers = standardHeaders(key, { id: '5f0c', seconds, body });
    expect(webhook.verify(body, headers)).toEqual({ a: 'ä' });
    expect(() => webhook.verify(body, { ...headers, 'webhook-id': '5f0d' })).toThrow();
    expect(() => webhook.verify(`${body} `, headers)).toThrow();
  }
  const old = standardHeaders(secret, { id: '5f0c', seconds: seconds - 1000, body });
  expect(() => webhook.verify(body, old)).toThrow();
});

test('the documented check of the former signature takes what is signed, and nothing that was changed or is old', async () => {
  const page = await readFile(new URL('../../../docs/outputs.md', import.meta.url), 'utf8');
  const [, code] = /```js\n([\s\S]*?)```/.exec(page)!;
  const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(code!)}`);
  const now = Math.floor(Date.now() / 1000);
  const body = '{"a":"ä"}';
  const signed = signature('the secret', body, now);
  expect(isGenuine(signed, body, 'the secret')).toBe(true);
  expect(isGenuine(signed, Buffer.from(body), 'the secret')).toBe(true);
  expect(isGenuine(signed, `${body} `, 'the secret')).toBe(false);
  expect(isGenuine(signed, body, 'another')).toBe(false);
  expect(isGenuine(signed.replace(String(now), String(now - 1)), body, 'the secret')).toBe(false);
  expect(isGenuine(signature('the secret', body, now - 1000), body, 'the secret')).toBe(false);
  expect(isGenuine('', body, 'the secret')).toBe(false);
});
