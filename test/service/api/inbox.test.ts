import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { fromBuffer } from 'yauzl';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import { ask as askPlainly, runningServer } from './running.ts';

const running = runningServer();

const openAlarms = async (limit = 100): Promise<AnomalyEvent[]> =>
  (await running().ask('GET', `/api/events?kind=alarm&verdict=open&limit=${limit}`)).json.events;

describe('the inbox', () => {
  test('counts what nobody has judged, of each camera', async () => {
    const { json } = await running().ask('GET', '/api/inbox');
    const open = await openAlarms();
    const counted = Object.fromEntries(
      json.toJudge.map((one: { camera: string; alarms: number }) => [one.camera, one.alarms]),
    );
    for (const camera of ['entrance', 'yard', 'gate'])
      expect(counted[camera]).toBe(open.filter((one) => one.camera === camera).length);
    const inGroups = json.groups.flatMap(({ events }: { events: string[] }) => events);
    expect(inGroups.toSorted()).toEqual(open.map(({ id }) => id).toSorted());
    const near = await running().ask('GET', '/api/inbox?kind=near%20miss&camera=yard');
    for (const { latest } of near.json.groups)
      expect([latest.kind, latest.camera]).toEqual(['near miss', 'yard']);
  });

  test('judges many at once, and what it answers takes it back', async () => {
    const [first, second] = await openAlarms();
    const verdicts = [first!, second!].map(({ id }) => ({ event: id, verdict: 'real' }));
    const { status, json } = await running().ask('POST', '/api/inbox/verdicts', {
      body: { verdicts },
    });
    expect(status).toBe(200);
    expect(json.events.map(({ id, verdict, kept }: AnomalyEvent) => [id, verdict, kept])).toEqual(
      [first!, second!].map(({ id }) => [id, 'real', true]),
    );
    await running().ask('POST', '/api/inbox/verdicts', { body: { verdicts: json.undo } });
    const again = await openAlarms();
    for (const { id } of [first!, second!])
      expect(again.find((one) => one.id === id)).toMatchObject({ verdict: 'open', kept: false });
  });

  test('judges all that are like one, and leaves the others', async () => {
    const { service } = running();
    const [pattern, like, other] = (await openAlarms()).filter(({ camera }) => camera === 'yard');
    const signature = (features: number[]) => [{ x: 0.5, y: 0.5, features, score: 4 }];
    service.store.updateEvent(pattern!.id, { signatures: signature([1, 0, 0]) });
    service.store.updateEvent(like!.id, { signatures: signature([1, 0.02, 0]) });
    service.store.updateEvent(other!.id, { signatures: signature([0, 1, 0]) });
    const { json } = await running().ask('POST', '/api/inbox/verdicts', {
      body: { verdicts: [{ event: pattern!.id, verdict: 'normal' }], likeThese: true },
    });
    const judged = json.events.map(({ id }: AnomalyEvent) => id);
    expect(judged).toContain(like!.id);
    expect(judged).not.toContain(other!.id);
    expect(service.store.event(like!.id)!.verdict).toBe('normal');
    await running().ask('POST', '/api/inbox/verdicts', { body: { verdicts: json.undo } });
    expect(service.store.event(like!.id)!.verdict).toBe('open');
  });

  test('counts the events of each day', async () => {
    const now = Date.now();
    const starts = [15, 10, 5, 0].map((days) => Math.round(now - days * 24 * 3_600_000));
    const { json } = await running().ask('GET', `/api/calendar?starts=${starts.join(',')}`);
    const all: AnomalyEvent[] = (await running().ask('GET', '/api/events?limit=500')).json.events;
    expect(json).toHaveLength(3);
    for (const [i, day] of json.entries()) {
      const own = all.filter(({ start }) => start >= starts[i]! && start < starts[i + 1]!);
      expect(day.alarms).toBe(own.filter(({ kind }) => kind === 'alarm').length);
      expect(day.nearMisses).toBe(own.filter(({ kind }) => kind === 'near miss').length);
    }
    const { status, json: refused } = await running().ask('GET', '/api/calendar?starts=5,4');
    expect([status, refused.error]).toEqual([400, 'starts: must be in ascending order']);
  });

  test('a viewer may look and not judge', async () => {
    const { viewer, ask } = running();
    expect((await ask('GET', '/api/inbox', { token: viewer })).status).toBe(200);
    const body = { verdicts: [{ event: 'event-1', verdict: 'real' }] };
    const { status, json } = await ask('POST', '/api/inbox/verdicts', { token: viewer, body });
    expect([status, json.error]).toEqual([403, 'the role of an operator is needed']);
  });
});

describe('keep and share', () => {
  const withClip = async (): Promise<AnomalyEvent> =>
    (await openAlarms()).find(({ clip }) => clip)!;

  test('keeps, notes, and says no to nothing at all', async () => {
    const { id } = await withClip();
    const { ask } = running();
    const marked = await ask('PATCH', `/api/events/${id}`, {
      body: { kept: true, note: ' A fox ' },
    });
    expect(marked.json).toMatchObject({ kept: true, note: 'A fox', verdict: 'open' });
    const { json } = await ask('GET', '/api/events?kept=true');
    expect(json.events.map((one: AnomalyEvent) => one.id)).toContain(id);
    const none = await ask('PATCH', `/api/events/${id}`, { body: { note: '', kept: false } });
    expect(none.json).toMatchObject({ kept: false, note: null });
    expect((await ask('PATCH', `/api/events/${id}`, { body: {} })).status).toBe(400);
  });

  test('is saved under a name that says what it is', async () => {
    const { id, camera } = await withClip();
    const { headers } = await running().ask('GET', `/api/events/${id}/clip?download=true`);
    const name = { entrance: 'Entrance', yard: 'Back-yard', gate: 'North-gate' }[camera];
    expect(headers['content-disposition']).toMatch(
      new RegExp(
        `^attachment; filename="${name}_\\d{4}-\\d\\d-\\d\\d_\\d\\d-\\d\\d-\\d\\d_alarm.mp4"$`,
      ),
    );
  });

  test('a link shows one event without a token, until it is taken back', async () => {
    const { ask, address } = running();
    const { id } = await withClip();
    const made = await ask('POST', `/api/events/${id}/links`, { body: { hours: 24 } });
    expect(made.status).toBe(201);
    const secret = made.json.path.replace('/shared/', '');
    const open = (path: string) => askPlainly(address, 'GET', `/api/shared/${secret}${path}`);
    const shown = await open('');
    expect([shown.status, shown.json.expires]).toEqual([200, made.json.expires]);
    expect(shown.json).not.toHaveProperty('camera');
    expect((await open('/clip')).headers['content-type']).toBe('video/mp4');
    expect((await open('/thumbnail')).status).toBe(200);
    const listed = await ask('GET', `/api/events/${id}/links`);
    expect(JSON.stringify(listed.json)).not.toContain(secret);
    expect((await ask('DELETE', `/api/events/${id}/links/${listed.json[0].id}`)).status).toBe(204);
    expect((await open('')).status).toBe(404);
    expect((await open('/clip')).status).toBe(404);
    const wrong = await askPlainly(address, 'GET', `/api/shared/${'x'.repeat(43)}`);
    expect(wrong.status).toBe(404);
  });

  test('many are exported as a ZIP with a table', async () => {
    const { ask, service } = running();
    const events = (await openAlarms()).filter(({ clip }) => clip).slice(0, 2);
    service.store.updateEvent(events[0]!.id, { note: '=1+1, "said"\nhe' });
    const ids = events.map(({ id }) => id);
    const { headers, bytes } = await ask('GET', `/api/export?ids=${ids.join(',')}`);
    expect(headers['content-type']).toBe('application/zip');
    const files = await unzipped(bytes);
    const csv = files.get('events.csv')!.toString();
    expect(csv).toContain(`"'=1+1, ""said""\nhe"`);
    for (const id of ids) expect(csv).toContain(id);
    const names = [...files.keys()];
    expect(names.filter((name) => name.startsWith('clips/'))).toHaveLength(2);
    const clip = await ask('GET', `/api/events/${ids[0]}/clip`);
    const first = names.find((name) => csv.split('\r\n')[1]!.includes(name) || csv.includes(name));
    expect(first).toBeDefined();
    const clips = [...files].filter(([name]) => name.startsWith('clips/'));
    expect(clips.some(([, data]) => data.equals(clip.bytes))).toBe(true);
    service.store.updateEvent(events[0]!.id, { note: null });
    expect((await ask('GET', '/api/export?ids=nothing')).status).toBe(404);
  });
});

function unzipped(bytes: Buffer): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      const files = new Map<string, Buffer>();
      zip.on('end', () => resolve(files)).on('error', reject);
      zip.on('entry', (entry) =>
        zip.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed);
          files.set(entry.fileName, await buffer(stream));
          zip.readEntry();
        }),
      );
      zip.readEntry();
    });
  });
}
