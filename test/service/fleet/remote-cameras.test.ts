import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DataFolder } from '../../../src/service/files/data-folder.ts';
import { RemoteCameras } from '../../../src/service/fleet/remote-cameras.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolder } from '../camera/fakes.ts';
import { inventedCamera } from '../store/invented.ts';

const MINUTE = 60_000;

/** A server that knows one camera, and a clock that is set by hand. */
function known(workers: boolean) {
  const folder = join(temporaryFolder(), 'data');
  const store = openStore(folder);
  onTestFinished(() => store.close());
  store.saveCamera(inventedCamera());
  store.saveCamera(inventedCamera({ id: 'shed', life: 'stopped', resumed: 'watching' }));
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const changed: string[] = [];
  const cameras = new RemoteCameras({
    store,
    models: {} as never,
    folder: new DataFolder(folder),
    files: {} as never,
    schedule: { snoozedUntil: () => null },
    workers: () => workers,
    onChange: (id) => changed.push(id),
    onRemoved: () => undefined,
  });
  cameras.reread();
  const stands = () => {
    const { state, detail } = cameras.status('door')!;
    return [state, detail];
  };
  const none: ReadonlySet<string> = new Set();
  return { cameras, changed, stands, none, pass: (ms: number) => (now += ms) };
}

test('a camera that no worker has reconnects for half a minute, and then says why it is offline', () => {
  const { cameras, changed, stands, none, pass } = known(false);
  cameras.setHeld(none, none);
  expect(changed).toEqual(['door', 'shed']);
  expect(stands()).toEqual(['watching', 'Reconnecting: a worker takes it up']);
  pass(MINUTE);
  expect(stands()).toEqual(['offline', 'No worker runs: start one with m2s2l worker']);
  expect(cameras.status('shed')).toMatchObject({ state: 'stopped', detail: 'Stopped' });
  const door = new Set(['door']);
  cameras.setHeld(door, none);
  expect(stands()[1]).toMatch('that this server does not reach');
  cameras.hear({ ...cameras.status('door')!, state: 'watching', detail: 'Watches', lastScore: 2 });
  cameras.setHeld(door, door);
  expect(stands()).toEqual(['watching', 'Watches']);
  cameras.setHeld(none, none);
  expect(stands()).toEqual(['watching', 'Reconnecting: a worker takes it up']);
  expect(cameras.status('door')!.lastScore).toBeNull();
});

test('one that is one too many for the workers says that', () => {
  const { cameras, stands, none, pass } = known(true);
  cameras.setHeld(none, none);
  pass(MINUTE);
  expect(stands()).toEqual(['offline', 'No worker has room for it: start another']);
});
