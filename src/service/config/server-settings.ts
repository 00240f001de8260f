import { UserError } from '../../errors.ts';
import { isLoopbackHost } from '../access/loopback.ts';
import { issueLine } from '../contract/issue-line.ts';
import { type ConfigurationFile, configurationFile } from '../contract/settings.ts';

export type ServerSettings = ConfigurationFile['server'];

/**
 * What the configuration file says of the server, with what the command line says instead.
 * @throws UserError
 */
export function serverSettings(
  { server }: ConfigurationFile,
  {
    host,
    port,
    trustProxy,
    basePath,
    publicUrl,
  }: { readonly [K in keyof ServerSettings]?: unknown },
): ServerSettings {
  const asked = Object.entries({ host, port, trustProxy, basePath, publicUrl });
  const given = Object.fromEntries(asked.filter(([, value]) => value !== undefined));
  const parsed = configurationFile.shape.server.safeParse({ ...server, ...given });
  if (!parsed.success) throw new UserError(issueLine(parsed.error));
  const settings = parsed.data;
  if (settings.publicUrl === undefined || settings.basePath !== '/') return settings;
  const path = new URL(settings.publicUrl).pathname;
  return { ...settings, basePath: path.endsWith('/') ? path : `${path}/` };
}

/** The page's address for people of other machines, ending with `/`; undefined where only they know it. */
export function pageAddress({
  publicUrl,
  host,
  port,
  basePath,
}: ServerSettings): string | undefined {
  if (publicUrl !== undefined) return new URL(basePath, publicUrl).href;
  const anywhere = ['0.0.0.0', '::'].includes(host);
  if (isLoopbackHost(host) || anywhere || port === 0) return undefined;
  return new URL(basePath, `http://${host.includes(':') ? `[${host}]` : host}:${port}`).href;
}
