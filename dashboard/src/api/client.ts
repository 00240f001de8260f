import type {
  BudgetPreview,
  CameraSettingsInput,
  CameraSource,
  CameraStatus,
  LearningSettings,
  OddMinute,
  OverlayKey,
  RegionPreview,
  ScoreSeries,
  SourceTest,
} from '../../../src/service/contract/camera.ts';
import type { FoundCameras } from '../../../src/service/contract/discovery.ts';
import type {
  AnomalyEvent,
  EventKind,
  EventMarks,
  EventPage,
  Verdict,
} from '../../../src/service/contract/event.ts';
import type { Fleet } from '../../../src/service/contract/fleet.ts';
import type {
  DayCounts,
  InboxAnswer,
  VerdictAnswer,
  VerdictOrder,
} from '../../../src/service/contract/inbox.ts';
import type { SharedEvent, SharedLink } from '../../../src/service/contract/link.ts';
import type {
  ActionOffer,
  ChannelTest,
  NotificationChannel,
  PushDevice,
} from '../../../src/service/contract/notification.ts';
import type {
  Deed,
  Person,
  PersonChange,
  PersonInput,
} from '../../../src/service/contract/people.ts';
import type {
  ProfileChoice,
  ProfileStatus,
  Snooze,
} from '../../../src/service/contract/profile.ts';
import type { RehearsalOrder, RehearsalStatus } from '../../../src/service/contract/rehearsal.ts';
import type {
  AccessToken,
  Role,
  ServiceSettings,
  ServiceStatus,
} from '../../../src/service/contract/settings.ts';
import type { EventQuery } from '../events/query.ts';
import { sentence } from '../format/sentence.ts';
import { addressOf } from '../shell/base.ts';

/** What the service refused, in its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status; 0 where the service did not answer. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export interface Session {
  /** Null where a token is needed first. */
  readonly role: Role | null;
  /** How the service knows us; only a session can be ended. */
  readonly by: 'token' | 'session' | 'loopback' | null;
  /** Of the person or the token. */
  readonly name?: string | null;
  /** Whether a person has signed in. */
  readonly person?: boolean;
}

export interface SettingsAnswer {
  readonly settings: ServiceSettings;
  /** Keys that the configuration file holds; of them profiles alone can be changed. */
  readonly fromFile: readonly (keyof ServiceSettings)[];
  /** Keys of them that were changed here all the same. */
  readonly overlay: readonly string[];
}

const seg = encodeURIComponent;

/** The words of an answer that says no. */
async function refusal(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return sentence(error);
  } catch {
    // Not JSON: a proxy's page, of which the status says enough.
  }
  return `The service answered ${response.status} ${response.statusText}`.trim();
}

/** The service's API, a method a route. Every method throws `ApiError` with a line for the reader. */
export class ApiClient {
  readonly #fetch: typeof fetch;
  /** Called where the session is no more, as after its token was removed. */
  onSignedOut = (): void => {};

  constructor(ask: typeof fetch = (...all) => fetch(...all)) {
    this.#fetch = ask;
  }

  async #send(method: string, path: string, body?: unknown, signal?: AbortSignal) {
    const response = await this.#fetch(addressOf(path), {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new ApiError('The service does not answer. Is it running?', 0);
    });
    if (response.ok) return response;
    if (response.status === 401 && path !== '/api/session') this.onSignedOut();
    throw new ApiError(await refusal(response), response.status);
  }

  async #json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await this.#send(method, path, body, signal);
    return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  }

  session = () => this.#json<Session>('GET', '/api/session');
  signIn = (token: string) => this.#json<Session>('POST', '/api/session', { token });
  signOut = () => this.#json<void>('DELETE', '/api/session');

  service = () => this.#json<ServiceStatus>('GET', '/api/service');
  settings = () => this.#json<SettingsAnswer>('GET', '/api/settings');
  saveSettings = (settings: ServiceSettings) =>
    this.#json<SettingsAnswer>('PUT', '/api/settings', settings);

  tokens = () => this.#json<AccessToken[]>('GET', '/api/tokens');
  /** The token itself is in this answer alone. */
  addToken = (name: string, role: Role) =>
    this.#json<AccessToken & { token: string }>('POST', '/api/tokens', { name, role });
  removeToken = (id: string) => this.#json<void>('DELETE', `/api/tokens/${seg(id)}`);

  cameras = () => this.#json<CameraStatus[]>('GET', '/api/cameras');
  camera = (id: string) => this.#json<CameraStatus>('GET', `/api/cameras/${seg(id)}`);
  addCamera = (settings: CameraSettingsInput) =>
    this.#json<CameraStatus>('POST', '/api/cameras', settings);
  changeCamera = (id: string, change: Partial<CameraSettingsInput>) =>
    this.#json<CameraStatus>('PATCH', `/api/cameras/${seg(id)}`, change);
  removeCamera = (id: string) => this.#json<void>('DELETE', `/api/cameras/${seg(id)}`);
  startCamera = (id: string) => this.#json<CameraStatus>('POST', `/api/cameras/${seg(id)}/start`);
  stopCamera = (id: string) => this.#json<CameraStatus>('POST', `/api/cameras/${seg(id)}/stop`);
  learnCamera = (id: string, learning: LearningSettings) =>
    this.#json<CameraStatus>('POST', `/api/cameras/${seg(id)}/learn`, learning);
  learnAgain = (id: string) =>
    this.#json<CameraStatus>('POST', `/api/cameras/${seg(id)}/learn-again`);
  testSource = (source: CameraSource, signal?: AbortSignal) =>
    this.#json<SourceTest>('POST', '/api/cameras/test', source, signal);

  findCameras = () => this.#json<FoundCameras>('POST', '/api/cameras/find');
  /** Refused where there is no footage at that path. */
  testFootage = (path: string) => this.#json<void>('POST', '/api/cameras/footage/test', { path });

  /** The latest picture as a JPEG; null where there is none yet. */
  async picture(id: string, signal?: AbortSignal): Promise<Blob | null> {
    try {
      const path = `/api/cameras/${seg(id)}/picture`;
      const response = await this.#send('GET', path, undefined, signal);
      return response.status === 204 ? null : await response.blob();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  scores = (id: string, from: number, to: number, points: number, signal?: AbortSignal) =>
    this.#json<ScoreSeries>(
      'GET',
      `/api/cameras/${seg(id)}/scores?from=${Math.floor(from)}&to=${Math.ceil(to)}&points=${points}`,
      undefined,
      signal,
    );
  budget = (id: string, alarmsPerDay: number, signal?: AbortSignal) =>
    this.#json<BudgetPreview>(
      'GET',
      `/api/cameras/${seg(id)}/budget?alarmsPerDay=${alarmsPerDay}`,
      undefined,
      signal,
    );

  previewRegions = (id: string, regions: CameraSettingsInput['regions'], signal?: AbortSignal) =>
    this.#json<RegionPreview>(
      'POST',
      `/api/cameras/${seg(id)}/regions/preview`,
      { regions },
      signal,
    );
  snooze = (id: string, length: Snooze['for']) =>
    this.#json<CameraStatus>('PUT', `/api/cameras/${seg(id)}/snooze`, { for: length });
  endSnooze = (id: string) => this.#json<CameraStatus>('DELETE', `/api/cameras/${seg(id)}/snooze`);
  profile = () => this.#json<ProfileStatus>('GET', '/api/profile');
  chooseProfile = (choice: ProfileChoice) =>
    this.#json<ProfileStatus>('PUT', '/api/profile', choice);

  rehearsal = (id: string, signal?: AbortSignal) =>
    this.#json<RehearsalStatus>('GET', `/api/cameras/${seg(id)}/rehearsal`, undefined, signal);
  rehearse = (id: string, order: RehearsalOrder) =>
    this.#json<RehearsalStatus>('POST', `/api/cameras/${seg(id)}/rehearsal`, order);
  endRehearsal = (id: string) => this.#json<void>('DELETE', `/api/cameras/${seg(id)}/rehearsal`);

  oddMinutes = (id: string) =>
    this.#json<OddMinute[]>('GET', `/api/cameras/${seg(id)}/odd-minutes`);
  judgeOddMinute = (id: string, odd: string, verdict: Verdict) =>
    this.#json<OddMinute>('PUT', `/api/cameras/${seg(id)}/odd-minutes/${seg(odd)}`, { verdict });
  oddMinutePicture = (id: string, odd: string): string =>
    addressOf(`/api/cameras/${seg(id)}/odd-minutes/${seg(odd)}/picture`);

  events = (query: EventQuery, cursor: string | null, limit: number, signal?: AbortSignal) => {
    const asked = new URLSearchParams({ limit: String(limit) });
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) asked.set(key, String(value));
    }
    if (cursor !== null) asked.set('cursor', cursor);
    return this.#json<EventPage>('GET', `/api/events?${asked}`, undefined, signal);
  };
  event = (id: string) => this.#json<AnomalyEvent>('GET', `/api/events/${seg(id)}`);
  judgeEvent = (id: string, verdict: Verdict) =>
    this.#json<AnomalyEvent>('PATCH', `/api/events/${seg(id)}`, { verdict });
  markEvent = (id: string, marks: EventMarks) =>
    this.#json<AnomalyEvent>('PATCH', `/api/events/${seg(id)}`, marks);
  removeEvent = (id: string) => this.#json<void>('DELETE', `/api/events/${seg(id)}`);
  eventFile = (id: string, kind: 'thumbnail' | 'heatmap' | 'clip'): string =>
    addressOf(`/api/events/${seg(id)}/${kind}`);

  inbox = (kind: EventKind, camera?: string) => {
    const asked = new URLSearchParams({ kind, ...(camera === undefined ? {} : { camera }) });
    return this.#json<InboxAnswer>('GET', `/api/inbox?${asked}`);
  };
  toJudge = async () => (await this.inbox('alarm')).toJudge;
  judgeMany = (order: Omit<VerdictOrder, 'likeThese'> & { likeThese?: boolean }) =>
    this.#json<VerdictAnswer>('POST', '/api/inbox/verdicts', order);
  calendar = (starts: readonly number[], camera?: string) => {
    const asked = new URLSearchParams({
      starts: starts.join(','),
      ...(camera === undefined ? {} : { camera }),
    });
    return this.#json<DayCounts[]>('GET', `/api/calendar?${asked}`);
  };

  links = (id: string) => this.#json<SharedLink[]>('GET', `/api/events/${seg(id)}/links`);
  share = (id: string, hours: number) =>
    this.#json<SharedLink & { path: string; url: string | null }>(
      'POST',
      `/api/events/${seg(id)}/links`,
      { hours },
    );
  unshare = (id: string, link: string) =>
    this.#json<void>('DELETE', `/api/events/${seg(id)}/links/${seg(link)}`);
  shared = (link: string) => this.#json<SharedEvent>('GET', `/api/shared/${seg(link)}`);

  fleet = (signal?: AbortSignal) => this.#json<Fleet>('GET', '/api/fleet', undefined, signal);
  drainWorker = (id: string, draining: boolean) =>
    this.#json<void>('PUT', `/api/fleet/workers/${seg(id)}`, { draining });

  testChannel = (channel: NotificationChannel) =>
    this.#json<ChannelTest>('POST', '/api/notifications/test', channel);
  push = () => this.#json<{ publicKey: string; channels: string[] }>('GET', '/api/push');
  subscribe = (subscription: {
    channel: string;
    device: string;
    endpoint: string;
    keys: { p256dh: string; auth: string };
  }) => this.#json<PushDevice>('POST', '/api/push', subscription);
  pushDevices = () => this.#json<PushDevice[]>('GET', '/api/push/devices');
  removePushDevice = (id: string) => this.#json<void>('DELETE', `/api/push/devices/${seg(id)}`);
  offer = (link: string) => this.#json<ActionOffer>('GET', `/api/actions/${seg(link)}`);
  act = (link: string) => this.#json<ActionOffer>('POST', `/api/actions/${seg(link)}`);

  dropOverlay = (id: string, key: OverlayKey) =>
    this.#json<CameraStatus>('DELETE', `/api/cameras/${seg(id)}/overlay?key=${key}`);
  dropSettingsOverlay = () => this.#json<SettingsAnswer>('DELETE', '/api/settings/overlay');

  signInByName = (name: string, password: string) =>
    this.#json<Session>('POST', '/api/session', { name, password });
  signInByLink = (link: string) => this.#json<Session>('POST', '/api/session', { link });
  setPassword = (password: string, before: string | undefined) =>
    this.#json<void>('PUT', '/api/session/password', { password, before });
  people = () => this.#json<Person[]>('GET', '/api/people');
  addPerson = (input: PersonInput) => this.#json<Person>('POST', '/api/people', input);
  changePerson = (id: string, change: PersonChange) =>
    this.#json<Person>('PATCH', `/api/people/${seg(id)}`, change);
  removePerson = (id: string) => this.#json<void>('DELETE', `/api/people/${seg(id)}`);
  signInLink = (id: string) =>
    this.#json<{ path: string; url: string | null; expires: number }>(
      'POST',
      `/api/people/${seg(id)}/link`,
    );
  audit = (limit: number) => this.#json<Deed[]>('GET', `/api/audit?limit=${limit}`);
  deedsOf = (id: string) => this.#json<Deed[]>('GET', `/api/events/${seg(id)}/deeds`);
}

/** What an error is to the reader. */
export const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
