import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply } from 'fastify';
import { UserError } from '../../errors.ts';
import { TooManyAttempts } from '../access/access.ts';
import { SetInFile } from '../config/set-in-file.ts';
import { CannotStore, NoWorker, StoreFull } from '../parts.ts';
import { WrongToken } from './access-routes.ts';
import { BadRequest } from './bad-request.ts';
import { TooManyStreams } from './live-streams.ts';
import { Refused } from './refused.ts';
import { NotFound } from './route.ts';

/** Answers an error as one line; details of an internal error go to the log alone. */
export function answerError(error: unknown, reply: FastifyReply): FastifyReply {
  const status = statusOf(error);
  reply.type('application/json');
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (error instanceof TooManyAttempts)
    reply.header('retry-after', String(Math.ceil(error.wait / 1000)));
  if (status === 500) {
    reply.log.error({ err: error }, 'internal error');
    return reply.code(500).send({ error: 'internal error; see the service log' });
  }
  const message = (error as Error).message.replaceAll(/\s*\n\s*/g, ' ');
  return reply.code(status).send({ error: message });
}

function statusOf(error: unknown): number {
  if (error instanceof BadRequest || error instanceof UserError) return 400;
  if (error instanceof WrongToken) return 401;
  if (error instanceof Refused) return error.status;
  if (error instanceof NotFound) return 404;
  if (error instanceof SetInFile) return 409;
  if (error instanceof TooManyAttempts || error instanceof TooManyStreams) return 429;
  if (error instanceof StoreFull) return 507;
  if (error instanceof CannotStore || error instanceof NoWorker) return 503;
  // Fastify's own, of what a client sent: too large, no JSON, another content type.
  const { statusCode = 500 } = error as FastifyError;
  return statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}

/** Answers what is no HTTP at all, or too large a head of it. */
export function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const body = JSON.stringify({ error: 'malformed request' });
  if (error.code !== 'ECONNRESET' && socket.writable)
    socket.write(
      `HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\nContent-Type: application/json\r\n\r\n${body}`,
    );
  socket.destroySoon();
}
