import { readFileSync } from 'node:fs';
import { connect, type MqttClient } from 'mqtt';
import type { CameraStatus } from '../contract/camera.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { LiveScore } from '../contract/live.ts';
import type { ProfileStatus } from '../contract/profile.ts';
import { randomId } from '../contract/random-id.ts';
import { commandOf, commandTopics, type MqttCommand, NO_PROFILE } from './commands.ts';
import { discovery, profileDiscovery } from './discovery.ts';
import { Introductions } from './introductions.ts';
import { NewestOfEach, type Publication } from './newest.ts';
import {
  cameraTopics,
  configTopic,
  type MqttSettings,
  profileTopic,
  sameTopics,
  statusTopic,
} from './topics.ts';
import { troubleOf } from './trouble.ts';

export interface MqttOptions {
  /** Milliseconds between two attempts to connect; default 5000. */
  readonly reconnect?: number;
  /** Milliseconds in which the broker has to answer; default 10,000. */
  readonly timeout?: number;
  /** Milliseconds to wait for topics left by version 0.1 before a camera is announced; default 1000. */
  readonly introduction?: number;
  /** Address of the service's page, ending with `/`: Home Assistant links to it. */
  readonly page?: string | undefined;
  /** Called with what a program asks for by the broker. */
  readonly onCommand?: (command: MqttCommand) => void;
}

/** Events that wait for a broker that is slow. */
const mostEvents = 100;

/** Milliseconds between two scores of a camera. */
const scoreEvery = 1000;

/**
 * Tells an MQTT broker of the cameras, as Home Assistant expects it. It never waits for the broker:
 * while that is away only the newest state of each topic is kept, and events are dropped and
 * counted.
 */
export class MqttPublisher {
  readonly #settings: MqttSettings;
  readonly #options: MqttOptions &
    Required<Pick<MqttOptions, 'reconnect' | 'timeout' | 'introduction'>>;
  readonly #waiting = new NewestOfEach(mostEvents);
  /** The newest message of each retained topic, published again after each connect. */
  readonly #retained = new Map<string, string | Buffer>();
  /** The discovery message of each camera; empty for removed ones. */
  readonly #configs = new Map<string, string>();
  #introductions: Introductions | undefined;
  /** Announced cameras, with the start of the event whose picture was sent last. */
  readonly #cameras = new Map<string, number>();
  #retry: NodeJS.Timeout | undefined;
  /** Ends an attempt that comes to nothing: mqtt.js waits indefinitely after an odd acknowledgement. */
  #attempt: NodeJS.Timeout | undefined;
  readonly #scores = new Map<string, { sent: number; highest: LiveScore | undefined }>();
  #client: MqttClient | undefined;
  /** The connection whose pipe is full; what comes next waits until it is not. */
  #writing: object | undefined;
  #connection: object | undefined;
  #lastError: string | null = null;

  constructor(settings: MqttSettings, options: MqttOptions = {}) {
    this.#settings = settings;
    this.#options = { reconnect: 5000, timeout: 10_000, introduction: 1000, ...options };
  }

  get state(): 'connected' | 'disconnected' {
    return this.#connection ? 'connected' : 'disconnected';
  }

  /** Why it is not connected, in one line. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** Events that were not sent to the broker. */
  get dropped(): number {
    return this.#waiting.dropped;
  }

  /** Messages that wait for the broker. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Connects, and retries indefinitely. */
  start(): void {
    const { url, username, password } = this.#settings;
    let ca: string | undefined;
    try {
      ca = certificates(this.#settings.ca);
    } catch (error) {
      this.#lastError = (error as Error).message;
      this.#retry = setTimeout(() => this.start(), this.#options.reconnect);
      return;
    }
    const client = connect(url, {
      ...(ca !== undefined && { ca }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      clientId: `m2s2l-${randomId()}`,
      clean: true,
      keepalive: 15,
      queueQoSZero: false,
      connectTimeout: this.#options.timeout,
      reconnectPeriod: this.#options.reconnect,
      resubscribe: false,
      will: {
        topic: statusTopic(this.#settings),
        payload: Buffer.from('offline'),
        qos: 1,
        retain: true,
      },
    });
    this.#client = client;
    this.#expectConnection();
    this.#introductions = new Introductions(
      client,
      this.#settings,
      this.#options.introduction,
      (publication) => {
        this.#waiting.put(publication);
        this.#write();
      },
    );
    client.on('connect', () => this.#connected());
    client.on('message', (topic, payload) => {
      const command = commandOf(this.#settings, topic, payload.toString());
      if (command) this.#options.onCommand?.(command);
    });
    client.on('close', () => this.#closed());
    client.on('error', (error) => (this.#lastError = troubleOf(error)));
  }

  /**
   * Says that it is gone, where the broker takes that within a second.
   * @param next what is told by from now on: where that is at other topics or another broker, all that was told is
   *   taken from this one, and its cameras from Home Assistant
   */
  async stop(next: MqttSettings | null = this.#settings): Promise<void> {
    clearTimeout(this.#retry);
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    const connected = this.#connection !== undefined;
    this.#closed();
    clearTimeout(this.#attempt);
    let timer: NodeJS.Timeout | undefined;
    const second = new Promise((resolve) => (timer = setTimeout(resolve, 1000)));
    const forget = !(next && sameTopics(next, this.#settings));
    const status = statusTopic(this.#settings);
    const pictures = [...this.#cameras.keys()].map(
      (id) => cameraTopics(this.#settings, id).picture,
    );
    const configs = [...this.#configs.keys()].map((id) => configTopic(this.#settings, id));
    const topics = forget
      ? [...new Set([...this.#retained.keys(), ...configs, ...pictures, status])]
      : [status];
    const last = (topic: string) =>
      client.publishAsync(topic, forget ? '' : 'offline', { retain: true, qos: 1 });
    const gone = connected
      ? Promise.all(topics.map(last)).then(() => client.endAsync())
      : undefined;
    await Promise.race([second, gone?.catch(() => undefined)]);
    clearTimeout(timer);
    client.end(true);
    client.stream?.destroy();
  }

  /** A camera that is new, or has changed. */
  camera(status: CameraStatus): void {
    const { id, settings, state, since, detail, scene, threshold, snoozedUntil } = status;
    if (!this.#cameras.has(id)) this.#cameras.set(id, Number.NEGATIVE_INFINITY);
    const { page } = this.#options;
    this.#introduce(id, discovery(this.#settings, { id, name: settings.name }, page));
    const topics = cameraTopics(this.#settings, id);
    const message = {
      state,
      since,
      detail,
      scene,
      threshold: threshold?.threshold ?? null,
      snoozedUntil,
    };
    this.#retain(topics.state, JSON.stringify(message));
    // Only then does no alarm mean that nothing happens.
    this.#retain(topics.availability, state === 'watching' ? 'online' : 'offline');
    this.#retain(topics.snooze, snoozedUntil === null ? 'OFF' : 'ON');
    if (!this.#retained.get(topics.alarm)) this.alarm(id, false);
  }

  profile({ profile, profiles }: ProfileStatus): void {
    const [topic, config] = profileDiscovery(this.#settings, profiles, this.#options.page);
    this.#retain(topic, profiles.length > 0 ? JSON.stringify(config) : '');
    this.#retain(profileTopic(this.#settings), profile ?? NO_PROFILE);
  }

  /** The picture of an event, as a JPEG; only that of a camera's latest event is sent. */
  picture({ camera, start }: Pick<AnomalyEvent, 'camera' | 'start'>, jpeg: Buffer): void {
    const latest = this.#cameras.get(camera);
    if (latest === undefined || start < latest) return;
    this.#cameras.set(camera, start);
    this.#retain(cameraTopics(this.#settings, camera).picture, jpeg);
  }

  /** Takes a camera from the broker and from Home Assistant. */
  removeCamera(id: string): void {
    const topics = cameraTopics(this.#settings, id);
    // An empty message takes what was retained before.
    const { state, alarm, availability, picture, snooze } = topics;
    this.#introduce(id, undefined);
    for (const topic of [state, alarm, availability, picture, snooze]) this.#retain(topic, '');
    this.#cameras.delete(id);
    this.#scores.delete(id);
  }

  alarm(camera: string, on: boolean): void {
    this.#retain(cameraTopics(this.#settings, camera).alarm, on ? 'ON' : 'OFF');
  }

  /** Only the highest score of each second is sent. */
  score(score: LiveScore): void {
    const { camera, time } = score;
    const last = this.#scores.get(camera) ?? { sent: Number.NEGATIVE_INFINITY, highest: score };
    this.#scores.set(camera, last);
    if (last.highest === undefined || score.score > last.highest.score) last.highest = score;
    // A clock that was set back must not silence it.
    if (Math.abs(time - last.sent) < scoreEvery) return;
    const { highest } = last;
    last.sent = time;
    last.highest = undefined;
    if (this.state === 'disconnected') return;
    const payload = {
      score: highest.score,
      appearance: highest.appearance,
      motion: highest.motion,
      threshold: highest.threshold,
      time: highest.time,
    };
    const topic = cameraTopics(this.#settings, camera).score;
    this.#waiting.put({ topic, payload: JSON.stringify(payload), retain: false });
    this.#write();
  }

  /** An event that started, changed or ended. */
  event(event: AnomalyEvent): void {
    if (this.state === 'disconnected') {
      this.#waiting.dropEvent();
      return;
    }
    const { event: topic } = cameraTopics(this.#settings, event.camera);
    this.#waiting.putEvent({ topic, payload: JSON.stringify(event), retain: false });
    this.#write();
  }

  #introduce(camera: string, config: object | undefined): void {
    const text = config ? JSON.stringify(config) : '';
    if (this.#configs.get(camera) === text) return;
    this.#configs.set(camera, text);
    if (this.state === 'connected') this.#introductions?.introduce(camera, text);
  }

  #retain(topic: string, payload: string | Buffer): void {
    if (this.#retained.get(topic) === payload) return;
    this.#retained.set(topic, payload);
    if (this.state === 'disconnected') return;
    this.#waiting.put({ topic, payload, retain: true });
    this.#write();
  }

  #expectConnection(): void {
    clearTimeout(this.#attempt);
    const { timeout, reconnect } = this.#options;
    this.#attempt = setTimeout(
      () => {
        this.#lastError = 'it does not answer as a broker';
        this.#client?.stream?.destroy();
        this.#expectConnection();
      },
      2 * timeout + reconnect,
    );
  }

  #connected(): void {
    clearTimeout(this.#attempt);
    this.#connection = {};
    this.#lastError = null;
    this.#client?.subscribe(commandTopics(this.#settings), () => undefined);
    this.#waiting.put({ topic: statusTopic(this.#settings), payload: 'online', retain: true });
    for (const [topic, payload] of this.#retained)
      this.#waiting.put({ topic, payload, retain: true });
    this.#write();
    for (const [camera, config] of this.#configs) this.#introductions?.introduce(camera, config);
  }

  #closed(): void {
    this.#introductions?.forget();
    this.#lastError ??= this.#connection
      ? 'the broker closed the connection'
      : 'the broker closed the connection at once; one that wants TLS is asked by mqtts://';
    this.#connection = undefined;
    this.#writing = undefined;
    this.#waiting.clear();
    if (this.#client) this.#expectConnection();
  }

  /** Writes what waits, until the pipe is full. */
  #write(): void {
    while (this.#connection && !this.#writing) {
      const next = this.#waiting.take();
      if (next === undefined) return;
      this.#publish(next, this.#connection);
    }
  }

  #publish({ topic, payload, retain }: Publication, connection: object): void {
    this.#writing = connection;
    let atOnce = true;
    this.#client!.publish(topic, payload, { retain, qos: 0 }, () => {
      if (this.#writing !== connection) return;
      this.#writing = undefined;
      if (!atOnce) this.#write();
    });
    atOnce = false;
  }
}

/**
 * @param ca certificates in PEM, or the path of a file with them
 * @throws one line where there is no such file, or it holds none
 */
function certificates(ca: string | undefined): string | undefined {
  if (ca === undefined) return undefined;
  const isPem = (text: string) => text.includes('-----BEGIN CERTIFICATE-----');
  if (isPem(ca)) return ca;
  let text: string;
  try {
    text = readFileSync(ca, 'utf8');
  } catch (error) {
    throw new Error(`ca: ${ca} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!isPem(text)) throw new Error(`ca: ${ca} holds no certificate in PEM`);
  return text;
}
