import { Counter, Gauge, Registry } from 'prom-client';
import type { Access } from '../access/access.ts';
import type { LiveStreams } from './live-streams.ts';

/** Figures of the server itself, in Prometheus's text. */
export function serverMetrics(streams: LiveStreams, access: Access): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const { open, dropped } = streams.counts;
  new Gauge({ name: 'm2s2l_streams_open', help: 'Open live streams', registers }).set(open);
  new Counter({
    name: 'm2s2l_stream_scores_dropped_total',
    help: 'Scores that were not sent to slow readers of live streams',
    registers,
  }).inc(dropped);
  new Counter({
    name: 'm2s2l_failed_logins_total',
    help: 'Tokens that were wrong',
    registers,
  }).inc(access.attempts.failed);
  return registry.metrics();
}
