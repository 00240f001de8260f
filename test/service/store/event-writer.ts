import { writeSync } from 'node:fs';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { inventedCamera, inventedEvent } from './invented.ts';

// Adds events to a store for ever, and prints the id of each when it is said to be stored.
const store = openStore(process.argv[2]!);
store.saveCamera(inventedCamera());
for (;;) {
  const event = inventedEvent({ start: Date.now() });
  store.addEvent(event, [{ url: 'http://localhost/', body: event.id }]);
  writeSync(1, `${event.id}\n`);
}
