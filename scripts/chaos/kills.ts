import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnomalyEvent } from '../../src/service/contract/event.ts';
import { runningProcess, Served } from '../../test/service/served.ts';
import { WebhookReceiver } from '../../test/service/webhook-receiver.ts';
import type { Random } from './mutate.ts';

export interface Killed {
  readonly kills: number;
  readonly childrenKilled: number;
  readonly announced: number;
  readonly alarms: number;
  /** What must not be, one line each. */
  readonly faults: readonly string[];
}

export interface KillOptions {
  readonly folder: string;
  /** Footage that a camera plays, with something odd in it. */
  readonly footage: string;
  readonly model: string;
  readonly random: Random;
  /** Milliseconds. */
  readonly duration: number;
}

/** Milliseconds that a start, or what is to come after it, may take on a busy machine. */
const PATIENCE = 600_000;

/** Milliseconds after which a process without its service is left behind; its waits for a processor do not count. */
const LINGER = 60_000;

/** Lives that end as the service starts; the others end after an event was announced. */
const EARLY = 0.3;

/**
 * Kills a service at random moments: everything that it ever announced must be found again, with its
 * files where its row says so; every alarm must reach the webhook; and no file without a row may go.
 */
export async function killAtRandom({
  folder,
  footage,
  model,
  random,
  duration,
}: KillOptions): Promise<Killed> {
  const receiver = await new WebhookReceiver().listen();
  const data = join(folder, 'data');
  const file = join(folder, 'configuration.json');
  const cameras = [1, 2].map((n) => ({
    id: `camera-${n}`,
    name: `Camera ${n}`,
    source: { kind: 'file', path: footage },
    model,
    budget: { alarmsPerDay: 1000, call: 'always' },
    clip: { before: 1, after: 1 },
  }));
  const webhooks = [{ url: receiver.url, secret: 'a-secret-of-ours' }];
  await writeFile(file, JSON.stringify({ webhooks, cameras }));
  const announced = new Map<string, AnomalyEvent>();
  const faults: string[] = [];
  const orphans: string[] = [];
  let kills = 0;
  let childrenKilled = 0;

  const gather = (served: Served) => {
    for (const [id, event] of served.announced) announced.set(id, event);
  };
  const start = async (): Promise<Served | undefined> => {
    try {
      return await Served.start(data, ['--config', file]);
    } catch (error) {
      faults.push(`it did not start again: ${(error as Error).message}`);
      return undefined;
    }
  };

  const end = Date.now() + duration;
  while (Date.now() < end && faults.length === 0) {
    const served = await start();
    if (!served) break;
    const processes = new Map<number, string>();
    const stopped: number[] = [];
    const atStart = random.next() < EARLY;
    const latest = Math.min(end, Date.now() + PATIENCE);
    let lives = atStart ? Date.now() + random.below(25_000) : undefined;
    while (Date.now() < (lives ?? latest)) {
      await sleep(random.below(2000));
      if (lives === undefined && served.announced.size > 0)
        lives = Date.now() + random.below(15_000);
      for (const { pid, command } of served.children()) processes.set(pid, command);
      // Where processes never come to an event, nothing is announced that could be lost.
      if (lives !== undefined && random.next() < 0.1) {
        const [child] = served.children(random.of(['decoder/', 'inference/']));
        const signal = random.of(['SIGKILL', 'SIGSTOP'] as const);
        if (!child || !send(child.pid, signal)) continue;
        if (signal === 'SIGSTOP') stopped.push(child.pid);
        childrenKilled += 1;
      }
    }
    gather(served);
    await served.kill();
    gather(served);
    kills += 1;
    // What stands still cannot notice that its owner is gone.
    for (const pid of stopped) send(pid, 'SIGCONT');
    // As after a copy of the data folder that was not whole.
    const orphan = join('events', `orphan-${kills}`, 'clip.mp4');
    await mkdir(join(data, orphan, '..'), { recursive: true });
    await writeFile(join(data, orphan), orphan);
    await writeFile(join(data, orphan, '..', 'heatmap.png.0a1b2c3d.tmp'), 'half');
    orphans.push(orphan);
    const left = await leftBehind(processes);
    if (left.length > 0) faults.push(`processes were left behind: ${left.join(', ')}`);
  }

  const served = faults.length === 0 ? await start() : undefined;
  if (served) {
    await waitFor(async () => (await served.status()).outbox.waiting === 0);
    gather(served);
    const stored = new Map((await served.events()).map((event) => [event.id, event]));
    for (const id of announced.keys())
      if (!stored.has(id)) faults.push(`event ${id} was announced and is gone`);
    for (const event of stored.values()) faults.push(...(await missingFiles(served, event)));
    for (const { id, kind } of announced.values())
      if (kind === 'alarm' && !receiver.events.has(id))
        faults.push(`alarm ${id} never reached the webhook`);
    for (const orphan of orphans)
      if (!(await isKept(data, orphan))) faults.push(`${orphan}: had no row, and is gone`);
    await served.stop();
  }
  await receiver.close();
  const alarms = [...announced.values()].filter(({ kind }) => kind === 'alarm').length;
  return { kills, childrenKilled, announced: announced.size, alarms, faults };
}

async function missingFiles(served: Served, event: AnomalyEvent): Promise<string[]> {
  const faults: string[] = [];
  const kinds = [
    ...(event.thumbnail ? ['thumbnail', 'heatmap'] : []),
    ...(event.clip ? ['clip'] : []),
  ];
  for (const kind of kinds) {
    const answer = await fetch(`${served.address}/api/events/${event.id}/${kind}`);
    const bytes = (await answer.arrayBuffer()).byteLength;
    if (!answer.ok || bytes === 0) faults.push(`event ${event.id}: its ${kind} is gone`);
  }
  return faults;
}

/** Whether a file is where it was, or was moved aside. */
async function isKept(data: string, path: string): Promise<boolean> {
  const aside = join(data, 'set-aside');
  const places = [data, ...namesIn(aside).map((name) => join(aside, name))];
  for (const place of places)
    if ((await readFile(join(place, path), 'utf8').catch(() => undefined)) === path) return true;
  return false;
}

/** @returns false where the process has ended */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Those that are still there long after their service.
 * @param processes ids and command lines: an id may be given to another process
 */
async function leftBehind(processes: ReadonlyMap<number, string>): Promise<string[]> {
  const began = Date.now();
  const queuedBefore = new Map([...processes.keys()].map((pid) => [pid, queuedMs(pid)]));
  for (;;) {
    const left = [...processes].filter(
      ([pid, command]) => runningProcess(pid)?.command === command,
    );
    const overdue = left.filter(([pid]) => {
      const queued = queuedMs(pid) - queuedBefore.get(pid)!;
      return Date.now() - began - queued > LINGER;
    });
    if (overdue.length === left.length) return overdue.map(([pid, command]) => `${pid} ${command}`);
    await sleep(200);
  }
}

/** Milliseconds that the main thread of a process has waited for a processor. */
function queuedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end && !(await holds()); ) await sleep(200);
}
