import { Gauge, type Registry } from 'prom-client';
import type { FleetMember } from '../contract/fleet.ts';

const labelNames = ['worker', 'version'] as const;

/** Gauges of the workers that share the cameras, as a server sees them. */
export class FleetMetrics {
  readonly #gauges: ReturnType<typeof gauges>;
  readonly #alone: Gauge;

  constructor(registry: Registry) {
    this.#gauges = gauges(registry);
    this.#alone = new Gauge({
      name: 'm2s2l_cameras_without_worker',
      help: 'Cameras that no worker has',
      registers: [registry],
    });
  }

  measure(members: readonly FleetMember[], cameras: readonly { readonly id: string }[]): void {
    const gauge = this.#gauges;
    for (const one of Object.values(gauge)) one.reset();
    const workers = members.filter(({ kind }) => kind === 'worker');
    for (const member of workers) {
      const labels = { worker: labelOf(member, workers), version: member.version };
      gauge.cameras.set(labels, member.cameras.length);
      if (member.capacity !== null) gauge.capacity.set(labels, member.capacity);
      if (member.load !== null) gauge.load.set(labels, member.load);
      if (member.lag !== null) gauge.lag.set(labels, member.lag / 1000);
      gauge.clockOff.set(labels, member.clockOff / 1000);
      gauge.reached.set(labels, Number(member.reached));
      gauge.draining.set(labels, Number(member.draining));
    }
    const held = new Set(workers.flatMap((member) => member.cameras));
    this.#alone.set(cameras.filter(({ id }) => !held.has(id)).length);
  }
}

/** Its name; with its id where others have the same name, since the last one would hide them. */
const labelOf = ({ id, name }: FleetMember, workers: readonly FleetMember[]): string =>
  workers.some((other) => other.name === name && other.id !== id) ? `${name} (${id})` : name;

function gauges(registry: Registry) {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `m2s2l_worker_${name}`, help, labelNames, registers: [registry] });
  return {
    cameras: gauge('cameras', 'Cameras that it has'),
    capacity: gauge('capacity_frames_per_second', 'Frames that it can score'),
    load: gauge('load', 'The share of that which it scores'),
    lag: gauge('lag_seconds', 'From a frame to its score'),
    clockOff: gauge('clock_off_seconds', "How far its clock is ahead of the database's"),
    reached: gauge('reached', '1 where this server reaches it'),
    draining: gauge('draining', '1 while it is asked to give up its cameras'),
  };
}
