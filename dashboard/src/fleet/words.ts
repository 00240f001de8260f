import type { Fleet, FleetMember } from '../../../src/service/contract/fleet.ts';
import type { StateLook } from '../cameras/state.ts';
import { counted, percent } from '../format/number.ts';
import { duration } from '../format/time.ts';

/** Milliseconds that a clock may be off before a person has to know. */
const CLOCK_OFF = 5000;

/** Milliseconds from a frame to its score that are worth a warning. */
const LATE = 1500;

/** Share of what a worker can score from which there is no room for another camera. */
export const FULL = 0.9;

/** How a program of the fleet does, in a word. */
export function memberLook(member: FleetMember): StateLook {
  if (member.kind === 'server')
    return member.announces
      ? { word: 'Sends messages', tone: 'good', shape: 'dot' }
      : { word: 'Stands by', tone: 'quiet', shape: 'ring' };
  if (!member.reached) return { word: 'Not reached', tone: 'bad', shape: 'cross' };
  if (member.draining)
    return member.cameras.length > 0
      ? { word: 'Gives up its cameras', tone: 'busy', shape: 'ring' }
      : { word: 'Takes no cameras', tone: 'quiet', shape: 'square' };
  return { word: 'Works', tone: 'good', shape: 'dot' };
}

/** What a person should know or do about a member, a sentence each. */
export function memberWarnings(member: FleetMember, version: string): string[] {
  const said = [];
  if (!member.reached)
    said.push(
      'This server does not reach it. Its cameras are still scored, but their pictures are missing here. Is its port open to this server?',
    );
  if (member.version !== version) said.push(versionWarning(member.version, version));
  if (Math.abs(member.clockOff) > CLOCK_OFF)
    said.push(
      `Its clock is ${duration(Math.abs(member.clockOff))} ${member.clockOff > 0 ? 'ahead' : 'behind'}, so its events have wrong times. Set it by NTP.`,
    );
  if (member.load !== null && member.load >= FULL && !member.draining)
    said.push('It has as much to score as it can. Start another worker for more cameras.');
  if (member.lag !== null && member.lag > LATE)
    said.push(`Its scores come ${duration(member.lag)} late.`);
  return said;
}

const versionWarning = (member: string, server: string): string =>
  member.localeCompare(server, 'en', { numeric: true }) < 0
    ? `Version ${member} is older than this server’s ${server}. It goes on working; update it soon.`
    : `Version ${member} is newer than this server’s ${server}. It goes on working; update this server soon.`;

/** `41 of 60 frames a second (68 %)` */
export const loadWords = (capacity: number, load: number): string =>
  `${Math.round(load * capacity)} of ${counted(Math.round(capacity), 'frame')} a second (${percent(load)})`;

/** How long a frame waits for its score: `120 ms`, `2.3 s`. */
export function lagWords(lag: number | null): string {
  if (lag === null) return 'nothing is scored';
  return lag < 1000 ? `${Math.round(lag)} ms` : duration(lag);
}

/** `3 workers, 24 cameras, 68 % of what they can score` */
export function fleetSummary(members: Fleet['members'], cameras: number): string {
  const workers = members.filter(({ kind }) => kind === 'worker');
  const capacity = workers.reduce((sum, one) => sum + (one.capacity ?? 0), 0);
  const scored = workers.reduce((sum, one) => sum + (one.capacity ?? 0) * (one.load ?? 0), 0);
  const share = capacity > 0 ? `, ${percent(scored / capacity)} of what they can score` : '';
  return `${counted(workers.length, 'worker')}, ${counted(cameras, 'camera')}${share}`;
}

/** Cameras that no worker has. */
export function withoutWorker<Camera extends { readonly id: string }>(
  cameras: readonly Camera[],
  members: Fleet['members'],
): Camera[] {
  const held = new Set(members.flatMap((member) => member.cameras));
  return cameras.filter(({ id }) => !held.has(id));
}
