import { beforeEach, expect, test } from 'vitest';
import type { CameraStatus } from '../../../src/service/contract/camera.ts';
import type { FleetMember } from '../../../src/service/contract/fleet.ts';
import { Metrics, type MetricsSource } from '../../../src/service/metrics/metrics.ts';
import { inventedStatus } from '../mqtt/invented.ts';

let cameras: CameraStatus[];
let children: { name: string; residentBytes: number }[];
let mqttDropped: number;
let fleet: FleetMember[] | undefined;

beforeEach(() => {
  cameras = [inventedStatus()];
  children = [{ name: 'decoder of Front door', residentBytes: 5e6 }];
  mqttDropped = 0;
  fleet = undefined;
});

const source: MetricsSource = {
  cameras: () => cameras,
  children: () => children,
  mqttDropped: () => mqttDropped,
  fleet: () => fleet,
  status: () => ({
    version: '0',
    started: 0,
    notices: [],
    storage: { bytes: 1000, maxBytes: 2000, diskFree: null },
    outbox: { waiting: 3, oldest: 1, lastError: null },
    mqtt: 'connected',
  }),
};

/** What is measured, by name and labels: `m2s2l_score{camera="door",name="Front door"}`. */
async function scrape(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

const door = 'camera="door",name="Front door"';

test('a camera is counted and measured', async () => {
  const metrics = new Metrics(source);
  metrics.countEvent({ camera: 'door', cameraName: 'Front door', kind: 'alarm' });
  const measured = await scrape(metrics);
  expect(Object.fromEntries(measured)).toMatchObject({
    [`m2s2l_frames_total{${door}}`]: 100,
    [`m2s2l_frames_dropped_total{${door}}`]: 3,
    [`m2s2l_frames_scored_total{${door}}`]: 90,
    [`m2s2l_reconnects_total{${door}}`]: 2,
    [`m2s2l_latency_seconds{${door}}`]: 0.04,
    [`m2s2l_score{${door}}`]: 1.5,
    [`m2s2l_threshold{${door}}`]: 7,
    [`m2s2l_events_total{${door},kind="alarm"}`]: 1,
    [`m2s2l_events_total{${door},kind="near miss"}`]: 0,
    [`m2s2l_camera_state{${door},state="watching"}`]: 1,
    [`m2s2l_camera_state{${door},state="offline"}`]: 0,
    'm2s2l_child_resident_bytes{child="decoder of Front door"}': 5e6,
    m2s2l_storage_bytes: 1000,
    m2s2l_outbox_waiting: 3,
    m2s2l_mqtt_connected: 1,
  });
  expect([...measured.keys()].some((name) => name.startsWith('process_resident'))).toBe(true);
  expect(measured.get('m2s2l_disk_free_bytes')).toBeNaN();
});

test('no total falls where what counts began anew', async () => {
  const metrics = new Metrics(source);
  const total = async () => (await scrape(metrics)).get(`m2s2l_frames_total{${door}}`);
  const counted = (frames: number) =>
    (cameras = [inventedStatus({ counts: { ...inventedStatus().counts, frames } })]);
  expect(await total()).toBe(100);
  expect(await total()).toBe(100);
  counted(7);
  expect(await total()).toBe(107);
  counted(10);
  mqttDropped = 4;
  expect(await total()).toBe(110);
  mqttDropped = 0;
  expect((await scrape(metrics)).get('m2s2l_mqtt_events_dropped_total')).toBe(4);
});

test('a camera that is gone, or has another name, leaves nothing behind', async () => {
  const metrics = new Metrics(source);
  metrics.countEvent({ camera: 'door', cameraName: 'Front door', kind: 'alarm' });
  await scrape(metrics);
  cameras = [
    inventedStatus({ settings: { ...inventedStatus().settings, name: 'a "quoted" name' } }),
  ];
  children = [];
  const renamed = [...(await scrape(metrics)).keys()].filter((name) => name.includes('door'));
  expect(renamed.length).toBeGreaterThan(5);
  expect(renamed.filter((name) => !name.includes('name="a \\"quoted\\" name"'))).toEqual([]);
  cameras = [];
  expect([...(await scrape(metrics)).keys()].filter((name) => name.includes('door'))).toEqual([]);
});

const worker = (change: Partial<FleetMember> = {}): FleetMember => ({
  id: 'w1',
  name: 'basement',
  kind: 'worker',
  version: '0.2.0',
  started: 0,
  capacity: 60,
  load: 0.5,
  lag: 120,
  most: null,
  draining: false,
  clockOff: -2500,
  reached: true,
  announces: false,
  cameras: ['yard', 'gate'],
  ...change,
});

/** Of the fleet alone. */
const scrapeFleet = async (metrics: Metrics) =>
  Object.fromEntries(
    [...(await scrape(metrics))].filter(([name]) => /worker/.test(name.split('{')[0]!)),
  );

test('workers are measured, and cameras that none has are counted', async () => {
  const metrics = new Metrics(source);
  expect(await scrapeFleet(metrics)).toEqual({});
  cameras = ['yard', 'gate', 'door'].map((id) => inventedStatus({ id }));
  const attic = { id: 'w2', name: 'attic', draining: true, reached: false, lag: null };
  fleet = [
    worker(),
    worker({ ...attic, load: 0, cameras: [] }),
    worker({ id: 's', kind: 'server', name: 'office', capacity: null, load: null, cameras: [] }),
  ];
  const basement = 'worker="basement",version="0.2.0"';
  const of = (labels: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([name, value]) => [`m2s2l_worker_${name}{${labels}}`, value]);
  expect(await scrapeFleet(metrics)).toEqual({
    ...Object.fromEntries(
      of(basement, {
        ...{ cameras: 2, capacity_frames_per_second: 60, load: 0.5, lag_seconds: 0.12 },
        ...{ clock_off_seconds: -2.5, reached: 1, draining: 0 },
      }),
    ),
    ...Object.fromEntries(
      of('worker="attic",version="0.2.0"', {
        ...{ cameras: 0, capacity_frames_per_second: 60, load: 0 },
        ...{ clock_off_seconds: -2.5, reached: 0, draining: 1 },
      }),
    ),
    m2s2l_cameras_without_worker: 1,
  });
  fleet = [];
  expect(await scrapeFleet(metrics)).toEqual({ m2s2l_cameras_without_worker: 3 });
});

test('workers of one name are told apart', async () => {
  const metrics = new Metrics(source);
  fleet = [worker({ load: 0.1 }), worker({ id: 'w2', load: 0.2 })];
  const measured = await scrapeFleet(metrics);
  const load = (name: string) => measured[`m2s2l_worker_load{worker="${name}",version="0.2.0"}`];
  expect([load('basement (w1)'), load('basement (w2)')]).toEqual([0.1, 0.2]);
  expect(load('basement')).toBeUndefined();
});
