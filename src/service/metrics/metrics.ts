import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type CameraStatus, cameraState } from '../contract/camera.ts';
import type { EventKind } from '../contract/event.ts';
import type { FleetMember } from '../contract/fleet.ts';
import type { ServiceStatus } from '../contract/settings.ts';
import { FleetMetrics } from './fleet-metrics.ts';

/** What is read at each scrape. */
export interface MetricsSource {
  cameras(): readonly CameraStatus[];
  status(): ServiceStatus;
  /** The child processes, by what a person calls them. */
  children(): readonly { readonly name: string; readonly residentBytes: number }[];
  /** Events that were not sent to the broker. */
  mqttDropped(): number;
  /** The programs that share the cameras; undefined where the service runs alone. */
  fleet(): readonly FleetMember[] | undefined;
}

const camera = ['camera', 'name'] as const;
type CameraLabels = Readonly<Record<(typeof camera)[number], string>>;

/** What of a camera only grows, by the name of its metric. */
const totals = {
  m2s2l_frames_total: ['Frames that came in', 'frames'],
  m2s2l_frames_dropped_total: [
    'Frames that were left out because something was too slow',
    'dropped',
  ],
  m2s2l_frames_scored_total: ['Frames that were scored', 'scored'],
  m2s2l_reconnects_total: ['Times that the camera was connected to again', 'reconnects'],
} as const satisfies Record<string, readonly [string, keyof CameraStatus['counts']]>;

const eventKinds: readonly EventKind[] = ['alarm', 'near miss'];

/** Prometheus's view of the service. Nothing is kept for cameras that are gone. */
export class Metrics {
  readonly #source: MetricsSource;
  readonly #registry = new Registry();
  readonly #totals: readonly {
    readonly count: keyof CameraStatus['counts'];
    readonly counter: Counter<(typeof camera)[number]>;
  }[];
  readonly #events: Counter<'camera' | 'name' | 'kind'>;
  readonly #mqttDropped: Counter;
  readonly #gauges: ReturnType<typeof gauges>;
  /** Labels and counts last reported, by camera. */
  readonly #reported = new Map<string, { labels: CameraLabels; counts: CameraStatus['counts'] }>();
  #mqttDroppedBefore = 0;
  #fleet: FleetMetrics | undefined;

  constructor(source: MetricsSource) {
    this.#source = source;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#totals = Object.entries(totals).map(([name, [help, count]]) => ({
      count,
      counter: new Counter({ name, help, labelNames: camera, registers }),
    }));
    this.#events = new Counter({
      name: 'm2s2l_events_total',
      help: 'Alarms and near misses',
      labelNames: [...camera, 'kind'],
      registers,
    });
    this.#mqttDropped = new Counter({
      name: 'm2s2l_mqtt_events_dropped_total',
      help: 'Events that were not sent to the MQTT broker',
      registers,
    });
    this.#gauges = gauges(this.#registry);
  }

  /** An event of a camera, when it is announced. */
  countEvent(event: {
    readonly camera: string;
    readonly cameraName: string;
    readonly kind: EventKind;
  }): void {
    this.#events.inc({ camera: event.camera, name: event.cameraName, kind: event.kind });
  }

  /** Everything as Prometheus reads it. */
  text(): Promise<string> {
    const cameras = this.#source.cameras();
    this.#forgetAllBut(cameras);
    for (const status of cameras) this.#count(status);
    this.#measure(cameras);
    const members = this.#source.fleet();
    if (members) {
      this.#fleet ??= new FleetMetrics(this.#registry);
      this.#fleet.measure(members, cameras);
    }
    return this.#registry.metrics();
  }

  /** A count below the previous one was reset: it is added, so that totals never fall. */
  #count({ id, settings, counts }: CameraStatus): void {
    const labels = { camera: id, name: settings.name };
    const before = this.#reported.get(id)?.counts;
    for (const { count, counter } of this.#totals) {
      const [now, then] = [counts[count] ?? 0, before?.[count] ?? 0];
      counter.inc(labels, now < then ? now : now - then);
    }
    for (const kind of eventKinds) this.#events.inc({ ...labels, kind }, 0);
    this.#reported.set(id, { labels, counts });
  }

  #forgetAllBut(cameras: readonly CameraStatus[]): void {
    const names = new Map(cameras.map(({ id, settings }) => [id, settings.name]));
    for (const [id, { labels }] of this.#reported) {
      if (names.get(id) === labels.name) continue;
      this.#reported.delete(id);
      for (const { counter } of this.#totals) counter.remove(labels);
      for (const kind of eventKinds) this.#events.remove({ ...labels, kind });
    }
  }

  #measure(cameras: readonly CameraStatus[]): void {
    const gauge = this.#gauges;
    for (const one of Object.values(gauge)) one.reset();
    for (const { id, settings, state, counts, lastScore, threshold } of cameras) {
      const labels = { camera: id, name: settings.name };
      for (const one of cameraState.options)
        gauge.state.set({ ...labels, state: one }, Number(one === state));
      gauge.framesPerSecond.set(labels, counts.framesPerSecond);
      if (counts.latencyMs !== null) gauge.latency.set(labels, counts.latencyMs / 1000);
      if (lastScore !== null) gauge.score.set(labels, lastScore);
      if (threshold !== null) gauge.threshold.set(labels, threshold.threshold);
    }
    for (const { name, residentBytes } of this.#source.children())
      gauge.childBytes.set({ child: name }, residentBytes);
    const { storage, outbox, mqtt } = this.#source.status();
    gauge.storageBytes.set(storage.bytes);
    gauge.storageMaxBytes.set(storage.maxBytes);
    gauge.diskFree.set(storage.diskFree ?? Number.NaN);
    gauge.outboxWaiting.set(outbox.waiting);
    gauge.mqttConnected.set(Number(mqtt === 'connected'));
    const dropped = this.#source.mqttDropped();
    this.#mqttDropped.inc(Math.max(0, dropped - this.#mqttDroppedBefore));
    this.#mqttDroppedBefore = dropped;
  }
}

function gauges(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `m2s2l_${name}`, help, labelNames, registers: [registry] });
  return {
    state: gauge('camera_state', '1 at the state that the camera is in', [...camera, 'state']),
    framesPerSecond: gauge('frames_per_second', 'Frames that come in', camera),
    latency: gauge('latency_seconds', 'From a frame to its score, of late', camera),
    score: gauge('score', 'The last score', camera),
    threshold: gauge('threshold', 'Score above which there is an alarm', camera),
    childBytes: gauge('child_resident_bytes', 'Resident memory of a child process', ['child']),
    storageBytes: gauge('storage_bytes', 'Bytes of clips, thumbnails and footage', []),
    storageMaxBytes: gauge('storage_max_bytes', 'Bytes that they may take', []),
    diskFree: gauge('disk_free_bytes', 'Bytes that are free on the disk', []),
    outboxWaiting: gauge('outbox_waiting', 'Messages to webhooks that wait', []),
    mqttConnected: gauge('mqtt_connected', '1 while the broker is connected', []),
  };
}
