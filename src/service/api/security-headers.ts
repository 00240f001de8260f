import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Nothing of another host, no script but the page's own files, in nobody's frame. */
const directives = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  styleSrcAttr: ["'unsafe-inline'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  mediaSrc: ["'self'", 'blob:'],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

const options: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives },
  xFrameOptions: { action: 'deny' },
  // Our own requests say whose page asks, which tells a page behind a proxy from one of this machine.
  referrerPolicy: { policy: 'same-origin' },
  // Only a proxy knows whether browsers reach this host by HTTPS alone.
  strictTransportSecurity: false,
};

/** Sets the headers that keep other pages away, on every answer. */
export async function setSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, options);
  app.addHook('onRequest', async (_, reply) => {
    // Helmet has none of it.
    reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  });
}
