import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../access/access.ts';
import { fleetHeaders } from '../access/fleet-access.ts';

/** Headers of a request that a worker should know, and of its answer that a client should. */
const asked = ['content-type', 'range', 'if-none-match', 'accept'];
const answered = ['content-type', 'etag', 'cache-control', 'content-length', 'content-disposition'];

/** Milliseconds until a worker must have begun to answer: the check of a model takes a while. */
const PATIENCE = 60_000;

/**
 * Lets a worker answer a request. A stream goes on until either side ends it.
 * @returns false where the worker cannot be reached: nothing was answered
 */
export async function forward(
  address: string,
  secret: string,
  {
    request,
    reply,
    identity,
  }: { request: FastifyRequest; reply: FastifyReply; identity: Identity },
): Promise<boolean> {
  const left = new AbortController();
  request.raw.socket.once('close', () => left.abort());
  const slow = setTimeout(() => left.abort(), PATIENCE);
  const headers: Record<string, string> = fleetHeaders(secret, identity);
  for (const name of asked) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  let answer: Response;
  try {
    answer = await fetch(`${address}${request.raw.url}`, {
      method: request.method,
      headers,
      signal: left.signal,
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    });
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === 'AbortError') return false;
    throw error;
  } finally {
    clearTimeout(slow);
  }
  reply.code(answer.status);
  for (const name of answered) {
    const value = answer.headers.get(name);
    if (value !== null) reply.header(name, value);
  }
  await reply.send(answer.body ? Readable.fromWeb(answer.body as never) : '');
  return true;
}
