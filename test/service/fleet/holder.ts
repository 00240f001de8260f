import { writeSync } from 'node:fs';
import { Leases } from '../../../src/service/fleet/leases.ts';
import { CannotStore } from '../../../src/service/parts.ts';
import { openWorkerStore } from '../../../src/service/store/postgres/open-postgres.ts';
import { inventedEvent } from '../store/invented.ts';

// A worker that stores events of what it has as quickly as it can, and prints what it gains, loses and stores.
const [database, id] = process.argv.slice(2) as [string, string];
const say = (...words: string[]) => writeSync(1, `${words.join(' ')}\n`);
const { store, writeUnder } = openWorkerStore(database, '/files', { patience: 60_000 });
const has = new Set<string>();
const leases = new Leases(
  {
    database,
    member: { id, name: id, kind: 'worker', address: 'http://nowhere/', version: '0' },
    most: null,
    load: () => ({ capacity: 1, load: 0, lag: null }),
    renew: 1000,
  },
  {
    onEpochs: writeUnder,
    onGained: (camera) => {
      has.add(camera);
      say('gained', camera);
    },
    // It does not stop by itself: what stops its writes is the database.
    onEnd: async (camera) => {
      say('ended', camera);
    },
    onWake: () => undefined,
    onTrouble: () => undefined,
  },
);
leases.start();
setInterval(() => {
  for (const camera of has) {
    const event = inventedEvent({ camera, start: Date.now() });
    try {
      store.addEvent(event, []);
      say('stored', camera, event.id);
    } catch (error) {
      if (!(error instanceof CannotStore)) throw error;
      say('refused', camera, error.name);
    }
  }
}, 20);
