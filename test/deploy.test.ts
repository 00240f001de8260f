import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfigurationFile } from '../src/service/config/configuration.ts';
import { temporaryFolders } from './files/temporary-folder.ts';

const deploy = join(import.meta.dirname, '../deploy');
const text = (name: string) => readFile(join(deploy, name), 'utf8');
const folder = temporaryFolders();

/** The instructions of a Dockerfile, continued lines joined. */
async function instructions(): Promise<{ word: string; rest: string }[]> {
  const joined = (await text('Dockerfile')).replaceAll(/\\\n\s*/g, ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => /^(\w+)\s+(.*)$/.exec(line)!)
    .map(([, word, rest]) => ({ word: word!, rest: rest! }));
}

describe('the Dockerfile', () => {
  test('pins its images, and ends as a user that is not root, with a health check', async () => {
    const all = await instructions();
    const from = all.filter(({ word }) => word === 'FROM');
    expect(from.length).toBe(2);
    for (const { rest } of from) expect(rest).toMatch(/node:\d+\.\d+-\w+-slim\b/);
    const last = all.slice(all.lastIndexOf(from.at(-1)!));
    const of = (name: string) => last.filter(({ word }) => word === name).map(({ rest }) => rest);
    expect(of('USER')).toEqual(['node']);
    expect(of('HEALTHCHECK').length).toBe(1);
    expect(of('EXPOSE')).toEqual(['8480']);
    for (const directory of of('WORKDIR')) expect(directory).toMatch(/^\//);
    for (const name of ['ENTRYPOINT', 'CMD']) for (const rest of of(name)) JSON.parse(rest);
    expect(all.some(({ word }) => word === 'ADD' || word === 'MAINTAINER')).toBe(false);
    for (const { rest } of all.filter(({ word }) => word === 'RUN'))
      expect(rest).not.toMatch(/\b(curl|wget|sudo|apt-get upgrade)\b/);
  });

  test('copies files that there are', async () => {
    for (const { word, rest } of await instructions())
      if (word === 'COPY' && !rest.startsWith('--'))
        for (const name of rest.split(' ').slice(0, -1))
          if (name !== '.') expect(await readdir(deploy)).toContain(name.replace('deploy/', ''));
  });
});

const dependsOn = z.record(
  z.string(),
  z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) }),
);

/** The part of the compose specification that the file uses. */
const compose = z.strictObject({
  name: z.string(),
  services: z.record(
    z.string(),
    z
      .strictObject({
        image: z
          .string()
          .regex(/:\d[\w.]*$/, 'is not pinned')
          .optional(),
        build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
        restart: z.enum(['unless-stopped', 'always', 'on-failure', 'no']),
        init: z.boolean().optional(),
        environment: z.record(z.string(), z.string()).optional(),
        command: z.string().optional(),
        // On every address of the machine there would be no wall before it.
        ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
        volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/)).optional(),
        secrets: z.array(z.string()).optional(),
        depends_on: dependsOn.optional(),
        healthcheck: z
          .strictObject({
            test: z.array(z.string()),
            interval: z.string(),
            timeout: z.string(),
            retries: z.int(),
          })
          .optional(),
        stop_grace_period: z.string().optional(),
        read_only: z.boolean().optional(),
        tmpfs: z.array(z.string()).optional(),
        cap_drop: z.array(z.string()).optional(),
        security_opt: z.array(z.string()).optional(),
      })
      .refine(({ image, build }) => (image === undefined) !== (build === undefined)),
  ),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })).default({}),
  'x-program': z.unknown().optional(),
});

const composed = async (file: string) => compose.parse(parse(await text(file), { merge: true }));

const composeFiles = ['compose.yaml', 'compose.fleet.yaml'];

test.each(composeFiles)(
  '%s holds what the specification wants, and names only what there is',
  async (file) => {
    const { services, volumes, secrets } = await composed(file);
    for (const service of Object.values(services)) {
      for (const name of Object.keys(service.depends_on ?? {}))
        expect(services).toHaveProperty(name);
      for (const name of service.secrets ?? []) expect(secrets).toHaveProperty(name);
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(':');
        if (!/^[./]/.test(source!)) expect(volumes).toHaveProperty(source!);
      }
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {}))
        if (condition === 'service_healthy' && services[name]!.build === undefined)
          expect(services[name]!.healthcheck).toBeDefined();
    }
  },
);

test('the compose file of a fleet lets workers be scaled, and takes its password from a file', async () => {
  const { services } = await composed('compose.fleet.yaml');
  const { server, worker, database } = services;
  expect([server?.command, worker?.command]).toEqual(['serve', 'worker']);
  for (const program of [server!, worker!]) {
    expect(program.environment).toMatchObject({ M2S2L_FILES: '/data' });
    expect(program.volumes).toEqual(['files:/data']);
  }
  // Two of one port, or of one name, could not run.
  expect(worker).not.toHaveProperty('ports');
  expect(Number.parseInt(worker!.stop_grace_period!, 10)).toBeGreaterThan(1);
  const written = await text('compose.fleet.yaml');
  const asked = [...written.matchAll(/\$\{(\w+)(:[-?])?/g)].map(([, name]) => name);
  expect(new Set(asked)).toEqual(new Set(['M2S2L_STORE', 'PGPASSWORD']));
  expect(database?.environment?.POSTGRES_PASSWORD).toBe(server?.environment?.PGPASSWORD);
  expect(await text('secrets.example/fleet.env')).toMatch(/^PGPASSWORD=change-me$/m);
  const address = /:-(.*)\}$/.exec(server!.environment!.M2S2L_STORE!)?.[1];
  const { username, hostname, pathname } = new URL(address!);
  expect(services).toHaveProperty(hostname);
  expect(database?.environment).toMatchObject({
    POSTGRES_USER: username,
    POSTGRES_DB: pathname.slice(1),
  });
});

test('the configuration of the compose file is one that the service takes', async () => {
  const place = await folder();
  const configuration = (await text('m2s2l.json')).replaceAll('/run/secrets/', './');
  await writeFile(join(place, 'm2s2l.json'), configuration);
  await writeFile(join(place, 'mqtt_password'), await text('secrets.example/mqtt_password'));
  await writeFile(join(place, 'camera_url'), await text('secrets.example/camera_url'));
  const { mqtt, cameras } = await readConfigurationFile(join(place, 'm2s2l.json'));
  expect(mqtt!.password).toBe('change-me');
  expect(cameras[0]!.source).toMatchObject({ url: 'rtsp://camera-server:8554/demo' });
});

test('scripts parse, and the unit has its sections', async () => {
  for (const script of ['install.sh', 'install-service.sh'])
    expect(spawnSync('sh', ['-n', join(deploy, script)]).status).toBe(0);
  const unit = await text('m2s2l.service');
  expect(unit.match(/^\[\w+\]$/gm)).toEqual(['[Unit]', '[Service]', '[Install]']);
  for (const line of unit.split('\n')) expect(line).toMatch(/^($|#|\[\w+\]$|\w+=)/);
  expect(unit).toMatch(/^User=m2s2l$/m);
});
