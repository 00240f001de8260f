import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { signature } from '../../../src/service/outbox/signature.ts';

test('the documented check takes what is signed, and nothing that was changed or is old', async () => {
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
