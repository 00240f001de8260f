import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { unlessAborted } from '../../../src/service/process/unless-aborted.ts';

const listening = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test('work that is done leaves nothing with the signal, which may live as long as the service', async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
  await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  expect(listening(signal)).toBe(0);
});

test('work is left as soon as the signal is aborted, and where it is already', async () => {
  const end = new AbortController();
  const never = Promise.withResolvers<void>().promise;
  const left = unlessAborted(never, end.signal);
  end.abort(new Error('stopped'));
  await expect(left).rejects.toThrow('stopped');
  await expect(unlessAborted(never, end.signal)).rejects.toThrow('stopped');
});
