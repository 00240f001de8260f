import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Where the build puts the page. */
export const builtPage = fileURLToPath(new URL('../../../dist/dashboard', import.meta.url));

/** A path of the page's own client: none of the API's, and none of a file. */
const clientPath = /^\/(?!(api|health|metrics)\b)([^?]*\/)?[^./?]*(\?|$)/;

/**
 * Serves the built page of a folder; its client's paths all give `index.html`.
 * @param basePath where the page's own addresses begin, `/` or what a proxy puts in front
 */
export async function servePage(
  app: FastifyInstance,
  folder: string,
  basePath: string,
): Promise<void> {
  const built = existsSync(join(folder, 'index.html'));
  const index = built
    ? readFileSync(join(folder, 'index.html'), 'utf8').replace(
        /<base href="[^"]*"/,
        `<base href="${basePath}"`,
      )
    : '';
  // Without a page its sendFile still serves thumbnails and clips.
  await app.register(
    fastifyStatic,
    built
      ? { root: folder, index: false, cacheControl: false, setHeaders: keepHashed(folder) }
      : { serve: false, root: undefined as never },
  );
  const sendIndex = (reply: FastifyReply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(index);
  if (built) app.get('/', (_, reply) => sendIndex(reply));
  app.setNotFoundHandler((request, reply) => {
    if (request.method !== 'GET' || !clientPath.test(request.url))
      return reply.code(404).type('application/json').send({ error: 'there is nothing here' });
    if (!built)
      return reply.code(404).type('text/plain').send('The page is not built: npm run build\n');
    return sendIndex(reply);
  });
}

/** Vite puts a hash of what is in them into the names of `assets`. Other folders' files are not the page's. */
const keepHashed = (folder: string) => (reply: FastifyReply, path: string) => {
  if (path.startsWith(join(folder, 'assets', '/')))
    reply.header('cache-control', 'public, max-age=31536000, immutable');
  else if (path.startsWith(join(folder, '/'))) reply.header('cache-control', 'no-cache');
};
