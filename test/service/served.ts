import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CameraStatus } from '../../src/service/contract/camera.ts';
import type { AnomalyEvent, EventPage } from '../../src/service/contract/event.ts';
import type { ServiceStatus } from '../../src/service/contract/settings.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'm2s2l.js');

/** A running process, as /proc tells of it. */
export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
  readonly residentBytes: number;
}

/** The processes that a process started, and those that they did. */
export function descendants(pid: number): RunningProcess[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
    }
  }
  const of = (parent: number): number[] =>
    [...parents].filter(([, own]) => own === parent).flatMap(([child]) => [child, ...of(child)]);
  return of(pid).flatMap((child) => runningProcess(child) ?? []);
}

export function runningProcess(pid: number): RunningProcess | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return command === '' ? undefined : { pid, command, residentBytes: 4096 * pages };
  } catch {
    return undefined;
  }
}

/** `m2s2l serve` in a process of its own, and someone who listens to its stream. */
export class Served {
  readonly address: string;
  /** The last that was told of each event. */
  readonly announced = new Map<string, AnomalyEvent>();
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string, ended: Promise<number | null>) {
    this.#child = child;
    this.address = address;
    this.ended = ended;
    void this.#listen();
  }

  /** @throws where it ends before it serves, with what it said */
  static async start(data: string, words: readonly string[] = []): Promise<Served> {
    const child = spawn(
      process.execPath,
      [program, 'serve', '--data', data, '--port', '0', '--log', 'warn', ...words],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let told = '';
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const address = await new Promise<string>((resolve, reject) => {
      const hear = (text: string) => {
        told += text;
        const found = /serves (http:\S+)/.exec(told)?.[1];
        if (found) resolve(found);
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      void ended.then(() => reject(new Error(`it ended: ${told}`)));
    });
    return new Served(child, address, ended);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Its child processes whose program is in a folder of that name. */
  children(name = ''): RunningProcess[] {
    return descendants(this.pid).filter(({ command }) => command.includes(`/${name}`));
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.address}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  camera(id: string): Promise<CameraStatus> {
    return this.get(`/api/cameras/${id}`);
  }

  status(): Promise<ServiceStatus> {
    return this.get('/api/service');
  }

  /** All events, page by page. */
  async events(): Promise<AnomalyEvent[]> {
    const events: AnomalyEvent[] = [];
    for (let cursor = ''; ; ) {
      const page = await this.get<EventPage>(`/api/events?limit=500${cursor}`);
      events.push(...page.events);
      if (page.next === null) return events;
      cursor = `&cursor=${page.next}`;
    }
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** @returns its exit code */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended;
  }

  async #listen(): Promise<void> {
    let text = '';
    try {
      const { body } = await fetch(`${this.address}/api/stream`);
      for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const messages = text.split('\n\n');
        text = messages.pop()!;
        for (const message of messages) this.#hear(message);
      }
    } catch {
      // It is gone, which is what tests do to it.
    }
  }

  #hear(message: string): void {
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (data === undefined || !/^event: event$/m.test(message)) return;
    const event = JSON.parse(data) as AnomalyEvent;
    this.announced.set(event.id, event);
  }
}
