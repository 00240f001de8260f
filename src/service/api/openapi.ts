import { z } from 'zod';
import { version } from '../../version.ts';
import * as camera from '../contract/camera.ts';
import * as event from '../contract/event.ts';
import * as inbox from '../contract/inbox.ts';
import * as link from '../contract/link.ts';
import { liveMessages } from '../contract/live.ts';
import * as notification from '../contract/notification.ts';
import * as people from '../contract/people.ts';
import * as profile from '../contract/profile.ts';
import * as rehearsal from '../contract/rehearsal.ts';
import * as settings from '../contract/settings.ts';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** What has a name in the description. What is asked and what is answered differ by their defaults. */
const named: Readonly<Record<string, z.ZodType>> = {
  CameraStatus: camera.cameraStatus,
  CameraSettings: camera.cameraSettings,
  CameraSource: camera.cameraSource,
  LearningSettings: camera.learningSettings,
  Threshold: camera.thresholdInForce,
  BudgetPreview: camera.budgetPreview,
  OddMinute: camera.oddMinute,
  ScoreSeries: camera.scoreSeries,
  SourceTest: camera.sourceTest,
  RegionPreview: camera.regionPreview,
  RehearsalOrder: rehearsal.rehearsalOrder,
  RehearsalReport: rehearsal.rehearsalReport,
  RehearsalStatus: rehearsal.rehearsalStatus,
  Profile: profile.profile,
  ProfileStatus: profile.profileStatus,
  Event: event.anomalyEvent,
  EventPage: event.eventPage,
  EventGroup: inbox.eventGroup,
  SharedEvent: link.sharedEvent,
  NotificationChannel: notification.notificationChannel,
  PushDevice: notification.pushDevice,
  ActionOffer: notification.actionOffer,
  Person: people.person,
  Deed: people.deed,
  ServiceSettings: settings.serviceSettings,
  ServiceStatus: settings.serviceStatus,
  Token: settings.accessToken,
  LiveScore: liveMessages.score,
};

const error = z.object({ error: z.string().describe('One line: what is wrong, and where') });

/** Names of schemas, beside the descriptions that they have anyway. */
class Described extends z.core.$ZodRegistry<{ id?: string; description?: string }> {
  override get(schema: z.core.$ZodType) {
    return { ...z.globalRegistry.get(schema), ...super.get(schema) } as never;
  }
}

/** Turns schemas of one direction into JSON Schema; the named ones are collected and referred to. */
class Components {
  readonly schemas: Record<string, unknown> = {};

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const metadata = new Described();
    for (const [name, known] of Object.entries(named))
      metadata.add(known, { id: io === 'input' ? `${name}Input` : name });
    metadata.add(error, { id: 'Error' });
    const { $schema, $defs, ...json } = z.toJSONSchema(schema, { io, metadata });
    for (const [name, definition] of Object.entries($defs ?? {})) {
      const { id, ...rest } = definition as Json;
      this.schemas[name] = referring(rest);
    }
    return referring(json) as Json;
  }
}

/** The same with references as OpenAPI has them. */
function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' && typeof inner === 'string'
      ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
      : [key, referring(inner)],
  );
  return Object.fromEntries(entries);
}

/** Groups of routes, by what their paths begin with; the last takes the rest. */
const tags: readonly { name: string; paths: readonly string[]; description: string }[] = [
  {
    name: 'Cameras',
    paths: ['/api/cameras'],
    description: 'Cameras, their pictures, scores and learning',
  },
  {
    name: 'Events',
    paths: ['/api/events', '/api/inbox', '/api/calendar', '/api/export', '/api/shared'],
    description: 'What was found, with pictures and clips; verdicts, links and exports',
  },
  {
    name: 'Notifications',
    paths: ['/api/notifications', '/api/push', '/api/actions'],
    description: 'Channels, browsers that take push messages, and the buttons of notifications',
  },
  {
    name: 'Access',
    paths: ['/api/tokens', '/api/session', '/api/people', '/api/audit'],
    description: 'Tokens of programs, people, sessions of browsers, and who did what',
  },
  { name: 'Service', paths: ['/'], description: 'Health, metrics, settings and the live stream' },
];

const tagOf = ({ path }: Route): string =>
  tags.find(({ paths }) => paths.some((start) => path.startsWith(start)))!.name;

const describedRole: Readonly<Record<Route['role'], string>> = {
  public: 'Needs no token.',
  viewer: 'Needs a viewer, but from loopback.',
  operator: 'Needs an operator, but from loopback.',
  admin: 'Needs an admin, but from loopback.',
};

/** OpenAPI 3.1 of a table of routes, from the very schemas that check their requests. */
export function openApiDocument(routes: readonly Route[]): Json {
  const components = new Components();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const row of routes) {
    const path = row.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[row.method.toLowerCase()] = operation(row, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'm2s2l',
      version,
      description: 'Cameras in, events out. Times are milliseconds since 1970.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The m2s2l that gave this description' }],
    tags: tags.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'm2s2l_session' },
      },
    },
  };
}

function operation(row: Route, components: Components): Json {
  const failed = content('application/json', components.of(error, 'output'));
  return {
    tags: [tagOf(row)],
    summary: row.summary,
    description: describedRole[row.role],
    operationId: `${row.method.toLowerCase()}${row.path.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    parameters: [
      ...parameters('path', row.params, components),
      ...parameters('query', row.query, components),
    ],
    ...(row.body && {
      requestBody: {
        required: true,
        content: content('application/json', components.of(row.body, 'input')),
      },
    }),
    responses: {
      [row.answer.status]: answer(row, components),
      ...(row.path === '/health/ready' && { 503: answer(row, components) }),
      '4XX': { description: refusals(row), content: failed },
      default: { description: 'The service failed', content: failed },
    },
    ...(row.role === 'public'
      ? { security: [] }
      : { security: [{ token: [] }, { session: [] }], 'x-role': row.role }),
  };
}

/** Why a request may be refused, by status. */
function refusals({ params, query, body, role }: Route): string {
  const reasons = [
    ...(params || query || body ? ['400: it is not as described here'] : []),
    ...(role !== 'public' ? ['401: a token is needed', '403: the token is not enough'] : []),
    ...(params ? ['404: there is no such thing'] : []),
    '429: too many wrong tokens',
  ];
  return `Refused (${reasons.join('; ')})`;
}

function parameters(
  place: 'path' | 'query',
  schema: z.ZodObject | undefined,
  components: Components,
): Json[] {
  if (!schema) return [];
  const { properties, required } = components.of(schema, 'input') as {
    properties: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...json }]) => ({
    name,
    in: place,
    description: description ?? (place === 'path' ? `Id of the ${name}` : undefined),
    required: place === 'path' || (required?.includes(name) ?? false),
    schema: json,
  }));
}

function answer({ answer, path }: Route, components: Components): Json {
  if ('schema' in answer)
    return {
      description: 'Done',
      content: content('application/json', components.of(answer.schema, 'output')),
    };
  if (!('media' in answer)) return { description: 'Done' };
  if (path === '/api/stream') return stream(components);
  return {
    description: 'Done',
    content: Object.assign({}, ...answer.media.map((media) => content(media, {}))),
  };
}

function stream(components: Components): Json {
  const messages = Object.entries(liveMessages).map(
    ([name, schema]) => [name, components.of(schema, 'output')] as const,
  );
  const kinds = new Map(messages.map(([, schema]) => [JSON.stringify(schema), schema]));
  const text = {
    type: 'string',
    description: 'Events; the data of each is JSON, by its name as in x-messages',
    contentMediaType: 'application/json',
    contentSchema: { anyOf: [...kinds.values()] },
  };
  return {
    description: 'The stream, without an end',
    content: content('text/event-stream', text),
    'x-messages': Object.fromEntries(messages),
  };
}

const content = (media: string, schema: Json): Json => ({ [media]: { schema } });
