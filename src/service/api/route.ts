import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access, Identity } from '../access/access.ts';
import type { Role } from '../contract/settings.ts';
import type { Recorded } from './deeds.ts';
import type { LiveStreams } from './live-streams.ts';
import type { ServedParts } from './served-parts.ts';

/** What a route answers when all went well: JSON of a schema, nothing, or bytes of these media types. */
export type Answer =
  | { readonly status: 200 | 201; readonly schema: z.ZodType }
  | { readonly status: 204 }
  | { readonly status: 200; readonly media: readonly string[] };

/** What a handler is given beside what was checked of its request. */
export interface Call extends ServedParts {
  readonly access: Access;
  readonly streams: LiveStreams;
  readonly identity: Identity | undefined;
  /** Ids of the cameras that the asker may see; null: all. */
  readonly seen: readonly string[] | null;
  /** Whether the asker may see a camera. */
  readonly sees: (camera: string) => boolean;
  /** Says what was done, in place of the route's own words. */
  readonly record: (deed: Recorded) => void;
  /** Who asks, as what they own is stored. */
  readonly owner: string;
  /** Whether push services may have any address. */
  readonly anyPushService: boolean;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Described {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for what `params` checks. */
  readonly path: string;
  readonly role: 'public' | Role;
  readonly summary: string;
  readonly answer: Answer;
  /**
   * Whether the life of a camera answers, which may be at a worker: then that is asked. Without one the
   * answer is that, or is given `here` as far as that can be.
   */
  readonly life?: 'only' | 'else here';
}

/** One row of the table that the server, its guard and its description are made from. */
export interface Route extends Described {
  readonly params?: z.ZodObject | undefined;
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodType | undefined;
  // A method, so that handlers may ask for what their own schemas give.
  handler(call: Call & { params: unknown; query: unknown; body: unknown }): unknown;
}

type Schema = z.ZodType | undefined;
type Checked<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

/** Types a row's handler by the row's own schemas. */
export function route<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends Schema = undefined,
>(
  row: Described & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    handler(
      call: Call & { params: Checked<Params>; query: Checked<Query>; body: Checked<Body> },
    ): unknown;
  },
): Route {
  return row as Route;
}

/** What is called by an id: never a path. */
export const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'is not a valid id');

export const json = (schema: z.ZodType, status: 200 | 201 = 200): Answer => ({ status, schema });
export const nothing: Answer = { status: 204 };
export const bytes = (...media: string[]): Answer => ({ status: 200, media });

/** What was asked for by an id that does not exist, or whose file is gone. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** @throws NotFound where there is nothing */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NotFound(`there is no such ${what}`);
  return value;
}
