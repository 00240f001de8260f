import { expect, onTestFinished, test, vi } from 'vitest';
import { CameraFootage } from '../../../src/service/camera/camera-footage.ts';
import { format, stage } from './fakes.ts';

const recording = { folder: '/dev/null/footage', format };

test('a folder that cannot be made is a fault of the recording, which tells it, and no other', () => {
  const footage = new CameraFootage('yard', stage().context);
  const record = vi.fn();
  footage.record({ record }, recording);
  expect(record).toHaveBeenCalledWith(recording.folder, format);
});

test('recording that failed is tried again, but not after its decoder is gone', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const footage = new CameraFootage('yard', stage().context);
  const record = vi.fn();
  footage.record({ record }, recording);
  footage.failed();
  vi.runAllTimers();
  expect(record).toHaveBeenCalledTimes(2);
  footage.close();
  footage.failed();
  expect(vi.getTimerCount()).toBe(0);
});
