import { basename, dirname, resolve } from 'node:path';
import type { FastifyReply } from 'fastify';
import type { StoredFile } from '../files/stored-file.ts';
import { found } from './route.ts';

/**
 * Sends a file, whole or the range that was asked for. One that is gone is a 404.
 * @param name under which a browser saves it, instead of showing it
 * @throws NotFound where there is none
 */
export async function sendStored(
  reply: FastifyReply,
  stored: StoredFile | undefined,
  name?: string,
): Promise<FastifyReply> {
  const { path, type, fetch } = found(stored, 'file');
  await fetch();
  const whole = resolve(path);
  reply.type(type).header('cache-control', 'private, no-cache');
  if (name !== undefined) reply.header('content-disposition', `attachment; filename="${name}"`);
  return reply.sendFile(basename(whole), dirname(whole), { cacheControl: false });
}
