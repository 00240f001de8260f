import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { CameraStatus } from '../../../src/service/contract/camera.ts';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import type { LiveMessage, LiveScore } from '../../../src/service/contract/live.ts';
import type { ProfileStatus } from '../../../src/service/contract/profile.ts';
import { ApiClient, type Session, wordsOf } from '../api/client.ts';
import { clock } from '../format/time.ts';
import { ScoreRing } from '../scores/ring.ts';
import { addressOf } from '../shell/base.ts';
import { type Connection, LiveStream } from './stream.ts';
import { Topics } from './topics.ts';

/** Scores kept of a camera: ten minutes at five a second. */
const KEPT = 3000;

/** Scores are a little late, which is no matter of the clock; in ms. */
const CLOCK_SLACK = 5000;

/** An alarm that goes on is among so many of the latest. */
const LATEST = 20;

const SIGNED_OUT: Session = { role: null, by: null };

/** What the page knows of the service, kept up to date by its stream. */
class Service {
  readonly api = new ApiClient();
  session = $state.raw<Session | null>(null);
  /** Why it could not be opened. */
  trouble = $state<string | null>(null);
  connection = $state<Connection>('connecting');
  /** How often it came back after a loss: what was fetched before has gaps. */
  returned = $state(0);
  /** When the next try is, where the connection is lost. */
  retryAt = $state(0);
  readonly cameras = new SvelteMap<string, CameraStatus>();
  camerasKnown = $state(false);
  /** Cameras whose last score is an alarm. */
  readonly alarms = new SvelteSet<string>();
  /** Alarms that go on. */
  readonly ongoing = new SvelteMap<string, AnomalyEvent>();
  notices = $state.raw<readonly string[]>([]);
  /** The profile in force; null until that is known. */
  profile = $state.raw<ProfileStatus | null>(null);
  /** Whether other programs have the cameras. */
  sharesCameras = $state(false);
  /** What is said aloud. */
  announcement = $state('');
  readonly scores = new Topics<LiveScore>();
  readonly events = new Topics<AnomalyEvent>();
  /** Ids of events that were removed. */
  readonly removedEvents = new Topics<string>();
  readonly #rings = new Map<string, ScoreRing>();
  /** Of the service's clock to the reader's, in ms. */
  #ahead = 0;
  readonly #announced = new Set<string>();
  readonly #stream = new LiveStream(
    () => new EventSource(addressOf('/api/stream')),
    (message) => this.#take(message),
    (connection, retryIn) => this.#onConnection(connection, retryIn),
  );

  constructor() {
    this.api.onSignedOut = () => {
      this.#stream.stop();
      this.session = SIGNED_OUT;
    };
  }

  readonly cameraList: readonly CameraStatus[] = $derived(
    [...this.cameras.values()].sort((a, b) => a.settings.name.localeCompare(b.settings.name)),
  );
  /** Whether we may judge, keep and share. */
  readonly mayJudge: boolean = $derived(
    this.session?.role === 'admin' || this.session?.role === 'operator',
  );
  readonly admin: boolean = $derived(this.session?.role === 'admin');

  /** Finds out who we are; with a role, the stream is opened. */
  async open(): Promise<void> {
    try {
      this.session = await this.api.session();
      this.trouble = null;
    } catch (error) {
      this.trouble = wordsOf(error);
      setTimeout(() => this.open(), 3000);
      return;
    }
    if (this.session.role !== null) this.#stream.start();
  }

  async signIn(opening: Promise<Session>): Promise<void> {
    this.session = await opening;
    this.#stream.start();
  }

  async signOut(): Promise<void> {
    await this.api.signOut();
    this.api.onSignedOut();
  }

  /** The service's clock: a reader's may be wrong. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  #setClock(time: number): void {
    const ahead = time - Date.now();
    if (Math.abs(ahead - this.#ahead) > CLOCK_SLACK) this.#ahead = ahead;
  }

  /** The latest scores of a camera. */
  ring(camera: string): ScoreRing {
    const ring = this.#rings.get(camera) ?? new ScoreRing(KEPT);
    this.#rings.set(camera, ring);
    return ring;
  }

  /** Puts what was scored before the page came in front of a camera's latest scores. */
  async fetchRing(camera: string, since: number): Promise<void> {
    const ring = this.ring(camera);
    const now = this.now();
    const series = await this.api.scores(camera, since, now, Math.round((now - since) / 1000));
    ring.putBefore(
      series.scores.map((score, k) => [series.from + k * series.step, score ?? Number.NaN]),
    );
  }

  #onConnection(connection: Connection, retryIn: number): void {
    if (connection === 'live' && this.connection === 'lost') this.returned++;
    this.connection = connection;
    this.retryAt = Date.now() + retryIn;
    if (connection === 'live') void this.#refresh();
    // It may be that the token is no more: an EventSource does not tell.
    else
      void this.api.session().then(
        (session) => session.role === null && this.api.onSignedOut(),
        () => {},
      );
  }

  /** What was missed while there was no stream. */
  async #refresh(): Promise<void> {
    try {
      const [cameras, status, alarms, profile, fleet] = await Promise.all([
        this.api.cameras(),
        this.api.service(),
        this.api.events({ kind: 'alarm' }, null, LATEST),
        this.api.profile(),
        this.api.fleet(),
      ]);
      const ids = new Set(cameras.map((camera) => camera.id));
      for (const id of this.cameras.keys()) if (!ids.has(id)) this.#forget(id);
      for (const camera of cameras) this.cameras.set(camera.id, camera);
      this.camerasKnown = true;
      this.notices = status.notices;
      this.profile = profile;
      this.sharesCameras = fleet.shared;
      this.ongoing.clear();
      for (const event of alarms.events) if (event.end === null) this.ongoing.set(event.id, event);
    } catch (error) {
      this.notices = [wordsOf(error)];
    }
  }

  #forget(id: string): void {
    this.cameras.delete(id);
    this.alarms.delete(id);
    this.#rings.delete(id);
  }

  #take({ name, data }: LiveMessage): void {
    switch (name) {
      case 'score':
        this.#setClock(data.time);
        this.ring(data.camera).push(data.time, data.score);
        if (data.alarm) this.alarms.add(data.camera);
        else this.alarms.delete(data.camera);
        this.scores.tell(data.camera, data);
        break;
      case 'camera':
        this.cameras.set(data.id, data);
        if (data.state !== 'watching') this.alarms.delete(data.id);
        break;
      case 'camera removed':
        this.#forget(data.id);
        break;
      case 'event':
        this.#announce(data);
        this.events.tell('', data);
        break;
      case 'event removed':
        this.ongoing.delete(data.id);
        this.removedEvents.tell('', data.id);
        break;
      case 'notices':
        this.notices = data;
        break;
      case 'profile':
        this.profile = data;
        break;
      default:
        throw new Error(`unknown message: ${name satisfies never}`);
    }
  }

  #announce(event: AnomalyEvent): void {
    if (event.kind !== 'alarm') return;
    if (event.end === null) this.ongoing.set(event.id, event);
    else this.ongoing.delete(event.id);
    if (event.end === null && !this.#announced.has(event.id)) {
      this.#announced.add(event.id);
      this.announcement = `Alarm at ${event.cameraName}, ${clock(event.start)}`;
    }
  }
}

export const service = new Service();
