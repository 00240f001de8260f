import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  fleetSummary,
  lagWords,
  loadWords,
  memberLook,
  memberWarnings,
  withoutWorker,
} from '../../dashboard/src/fleet/words.ts';
import type { ServedFleet, ServedParts } from '../../src/service/api/served-parts.ts';
import { Server } from '../../src/service/api/server.ts';
import type { FleetMember } from '../../src/service/contract/fleet.ts';
import { version } from '../../src/version.ts';
import { expectSound, hasBrowser, LONG, Pages, PHONE, seen, WIDE } from './browser.ts';

const member = (change: Partial<FleetMember> = {}): FleetMember => ({
  id: 'w1',
  name: 'basement',
  kind: 'worker',
  version,
  started: Date.now() - 7_200_000,
  capacity: 60,
  load: 0.5,
  lag: 120,
  most: null,
  draining: false,
  clockOff: 12,
  reached: true,
  announces: false,
  cameras: ['yard', 'entrance'],
  ...change,
});

const server = (change: Partial<FleetMember> = {}): FleetMember =>
  member({
    ...{ id: 's1', name: 'office', kind: 'server', capacity: null, load: null, lag: null },
    ...{ announces: true, cameras: [] },
    ...change,
  });

test('a member has a word and a shape for how it does', () => {
  const looks = [
    member(),
    member({ draining: true }),
    member({ draining: true, cameras: [] }),
    member({ reached: false, draining: true }),
    server(),
    server({ announces: false }),
  ].map((one) => memberLook(one).word);
  expect(looks).toEqual([
    'Works',
    'Gives up its cameras',
    'Takes no cameras',
    'Not reached',
    'Sends messages',
    'Stands by',
  ]);
});

test('what is wrong with a member is said with what to do', () => {
  expect(memberWarnings(member(), version)).toEqual([]);
  const said = (change: Partial<FleetMember>) => memberWarnings(member(change), '0.10.0').join();
  const same = { version: '0.10.0' };
  expect(said({ version: '0.9.1' })).toBe(
    'Version 0.9.1 is older than this server’s 0.10.0. It goes on working; update it soon.',
  );
  expect(said({ version: '0.11.0' })).toMatch(/newer than .* update this server soon/);
  expect(said({ ...same, reached: false })).toMatch(/does not reach it/);
  expect(said({ ...same, clockOff: -5001 })).toMatch(/clock is 5 s behind/);
  expect(said({ ...same, clockOff: 3_600_000 })).toMatch(/clock is 60 min ahead/);
  expect(said({ ...same, clockOff: 5000, load: 0.89, lag: 1500 })).toBe('');
  expect(said({ ...same, load: 0.9 })).toMatch(/Start another worker/);
  expect(said({ ...same, load: 0.9, draining: true })).toBe('');
  expect(said({ ...same, lag: 2300 })).toBe('Its scores come 2.3 s late.');
});

test('a fleet in a line, and the cameras that no worker has', () => {
  const members = [member(), member({ id: 'w2', capacity: 40, load: 1, cameras: ['gate'] })];
  expect(fleetSummary([...members, server()], 4)).toBe(
    '2 workers, 4 cameras, 70 % of what they can score',
  );
  expect(fleetSummary([server()], 1)).toBe('0 workers, 1 camera');
  expect(loadWords(60, 0.68)).toBe('41 of 60 frames a second (68 %)');
  expect([null, 19.6, 2300].map(lagWords)).toEqual(['nothing is scored', '20 ms', '2.3 s']);
  const cameras = ['yard', 'gate', 'shed'].map((id) => ({ id }));
  expect(withoutWorker(cameras, members)).toEqual([{ id: 'shed' }]);
});

/** A fleet that is played by hand, beside a service whose cameras live in it. */
class PlayedFleet implements ServedFleet {
  all: FleetMember[] = [];
  readonly drained: [string, boolean][] = [];

  members = () => this.all;
  forward = async () => false;

  async drain(id: string, draining: boolean): Promise<boolean> {
    this.drained.push([id, draining]);
    this.all = this.all.map((one) =>
      one.id === id ? { ...one, draining, cameras: draining ? [] : ['gate'] } : one,
    );
    return this.all.some((one) => one.id === id);
  }
}

const title = hasBrowser ? 'the fleet' : 'the fleet (skipped: no Chromium for this platform)';

describe.skipIf(!hasBrowser)(title, () => {
  const fleet = new PlayedFleet();
  const pages = Pages.ofThisFile(5, (service) => ({
    service: Object.create(service, { fleet: { value: fleet } }) as ServedParts,
  }));

  beforeEach(() => {
    fleet.drained.length = 0;
    fleet.all = [
      server(),
      server({ id: 's2', name: 'spare', announces: false }),
      member(),
      member({ id: 'w2', name: 'gatehouse', version: '0.1.9', cameras: ['gate'], most: 4 }),
      member({
        ...{ id: 'w3', name: 'a-worker-with-quite-a-long-name-7d9f6c5b8-x2x4v', load: 0.97 },
        ...{ reached: false, clockOff: 3_600_000, lag: 2300, cameras: ['car-park', 'warehouse'] },
      }),
    ];
  });

  for (const [name, look] of [
    ['wide', WIDE],
    ['phone', PHONE],
  ] as const)
    test(`is shown with its workers, their cameras and what is wrong, ${name}`, {
      timeout: LONG,
    }, async () => {
      await pages.with('/', look, async (page) => {
        await page.getByRole('link', { name: 'Fleet' }).click();
        await seen(page, '3 workers, 6 cameras, 66 % of what they can score');
        await seen(page, `Version 0.1.9 is older than this server’s ${version}`);
        await seen(page, 'Its clock is 60 min ahead');
        const alone = page.getByRole('region', { name: 'Cameras without a worker' });
        expect(await alone.getByRole('listitem').allTextContents()).toEqual([
          expect.stringMatching(/^Tool shed\s+Stopped\.$/),
        ]);
        const card = page.getByRole('article', { name: 'basement' });
        expect(
          await card.getByRole('list', { name: 'Cameras of basement' }).allInnerTexts(),
        ).toEqual([expect.stringMatching(/^Back yard\s+Entrance$/)]);
        const load = card.getByRole('progressbar', { name: 'Load basement' });
        expect(await load.getAttribute('value')).toBe('0.5');
        await expectSound(page, `fleet-${name}`);
        await card.getByRole('link', { name: 'Back yard' }).click();
        await page.getByRole('heading', { name: 'Back yard' }).waitFor();
      });
    });

  test('follows what changes, and a worker gives up its cameras and takes some again', {
    timeout: LONG,
  }, async () => {
    await pages.with('/fleet', WIDE, async (page) => {
      const card = page.getByRole('article', { name: 'gatehouse' });
      await card.getByRole('button', { name: 'Give up its cameras' }).focus();
      await page.keyboard.press('Enter');
      await card.getByText('Takes no cameras').waitFor();
      expect(fleet.drained).toEqual([['w2', true]]);
      await seen(page, 'Cameras without a worker');
      await page.getByRole('listitem').filter({ hasText: 'North gate' }).waitFor();
      await card.getByRole('button', { name: 'Take cameras again' }).click();
      await card.getByRole('link', { name: 'North gate' }).waitFor();
      expect(fleet.drained).toEqual([
        ['w2', true],
        ['w2', false],
      ]);
      fleet.all = fleet.all.filter(({ id }) => id !== 'w2');
      await card.waitFor({ state: 'detached' });
    });
  });

  test('says how to start a worker where none runs', { timeout: LONG }, async () => {
    fleet.all = [server()];
    for (const [name, look] of [
      ['wide', WIDE],
      ['phone', PHONE],
    ] as const)
      await pages.with('/fleet', look, async (page) => {
        await page.getByRole('heading', { name: 'No worker runs' }).waitFor();
        await seen(page, 'm2s2l worker --store');
        await seen(page, 'Cameras without a worker');
        await expectSound(page, `fleet-empty-${name}`);
      });
  });

  test('is no page that the navigation shows where the service runs alone', {
    timeout: LONG,
  }, async () => {
    const alone = new Server({
      service: pages.service,
      tokens: pages.service.store,
      host: '127.0.0.1',
      port: 0,
      requireToken: false,
      logger: pino({ level: 'silent' }),
      page: pages.folder,
      checkAnswers: true,
    });
    const from = await alone.listen();
    try {
      await pages.with('/fleet', { ...WIDE, from }, async (page) => {
        await seen(page, 'This service runs alone');
        await page.getByRole('link', { name: 'Cameras', exact: true }).click();
        await page.getByRole('link', { name: 'Entrance' }).first().waitFor();
        expect(await page.getByRole('link', { name: 'Fleet' }).count()).toBe(0);
      });
    } finally {
      await alone.close();
    }
  });
});
