import { basename, dirname, resolve } from 'node:path';
import type { FastifyReply } from 'fastify';
import type { StoredFile } from '../files/stored-file.ts';
import { found } from './route.ts';

/**
 * Sends a file, whole or the range that was asked for. One that is gone is a 404.
 * @throws NotFound where there is none
 */
export function sendStored(reply: FastifyReply, stored: StoredFile | undefined): FastifyReply {
  const { path, type } = found(stored, 'file');
  const whole = resolve(path);
  reply.type(type).header('cache-control', 'private, no-cache');
  return reply.sendFile(basename(whole), dirname(whole), { cacheControl: false });
}
