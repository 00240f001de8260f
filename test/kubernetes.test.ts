import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { createProgram } from '../src/cli/main.ts';
import { Progress } from '../src/cli/progress.ts';
import { version } from '../src/version.ts';

const folder = join(import.meta.dirname, '../deploy/kubernetes');
const text = (name: string) => readFile(join(folder, name), 'utf8');

/** A name that the API takes for an object. */
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const labels = z.record(z.string().regex(/^[a-z0-9.]+\/[a-z-]+$/), name);
const metadata = z.strictObject({ name, labels });
const selector = z.strictObject({ matchLabels: labels });
const quantity = z.string().regex(/^\d+(\.\d+)?(m|[KMGT]i?)?$/);

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: name }),
  periodSeconds: z.int().positive(),
  timeoutSeconds: z.int().positive(),
  failureThreshold: z.int().positive().optional(),
});

const variable = z.union([
  z.strictObject({ name: z.string(), value: z.string() }),
  z.strictObject({
    name: z.string(),
    valueFrom: z.union([
      z.strictObject({ secretKeyRef: z.strictObject({ name, key: z.string() }) }),
      z.strictObject({
        fieldRef: z.strictObject({ fieldPath: z.enum(['status.podIP', 'metadata.name']) }),
      }),
    ]),
  }),
]);

const container = z.strictObject({
  name,
  image: z.literal('m2s2l'),
  args: z.array(z.string()).length(1),
  env: z.array(variable),
  ports: z.array(z.strictObject({ name, containerPort: z.literal(8480) })),
  readinessProbe: probe,
  livenessProbe: probe.optional(),
  resources: z.strictObject({ requests: z.strictObject({ cpu: quantity, memory: quantity }) }),
  // As the restricted standard of pods wants it.
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name, mountPath: z.string().startsWith('/') })),
});

const podSpec = z.strictObject({
  automountServiceAccountToken: z.literal(false),
  terminationGracePeriodSeconds: z.int().positive(),
  topologySpreadConstraints: z
    .array(
      z.strictObject({
        maxSkew: z.int().positive(),
        topologyKey: z.literal('kubernetes.io/hostname'),
        whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
        labelSelector: selector,
      }),
    )
    .optional(),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    // The user node of the image.
    runAsUser: z.literal(1000),
    runAsGroup: z.literal(1000),
    fsGroup: z.literal(1000),
    fsGroupChangePolicy: z.literal('OnRootMismatch'),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  containers: z.array(container).length(1),
  volumes: z.array(
    z.union([
      z.strictObject({ name, persistentVolumeClaim: z.strictObject({ claimName: name }) }),
      z.strictObject({ name, emptyDir: z.strictObject({ sizeLimit: quantity.optional() }) }),
    ]),
  ),
});

const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata,
  spec: z.strictObject({
    replicas: z.int().positive(),
    minReadySeconds: z.int().positive().optional(),
    strategy: z
      .strictObject({
        type: z.literal('RollingUpdate'),
        rollingUpdate: z.strictObject({ maxSurge: z.int(), maxUnavailable: z.int() }),
      })
      .optional(),
    selector,
    template: z.strictObject({ metadata: z.strictObject({ labels }), spec: podSpec }),
  }),
});

/** The part of the API that the manifests use. */
const manifest = z.discriminatedUnion('kind', [
  deployment,
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      selector: labels,
      ports: z.array(z.strictObject({ name, port: z.int().positive(), targetPort: name })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('PersistentVolumeClaim'),
    metadata,
    spec: z.strictObject({
      accessModes: z.tuple([z.literal('ReadWriteMany')]),
      resources: z.strictObject({ requests: z.strictObject({ storage: quantity }) }),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.strictObject({ maxUnavailable: z.int().positive(), selector }),
  }),
]);
type Manifest = z.infer<typeof manifest>;

const kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: name,
  resources: z.array(z.string()),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })),
  replicas: z.array(z.strictObject({ name, count: z.int().positive() })),
});

const customised = async () => kustomization.parse(parse(await text('kustomization.yaml')));

async function manifests(): Promise<Manifest[]> {
  const { resources } = await customised();
  const texts = await Promise.all(resources.map(text));
  return texts
    .flatMap((one) => parseAllDocuments(one))
    .map((document) => {
      expect(document.errors).toEqual([]);
      return manifest.parse(document.toJS());
    });
}

const deployments = async () => (await manifests()).filter(({ kind }) => kind === 'Deployment');

/** Pods of `worker` or `server`. */
async function pod(component: string) {
  const all = (await deployments()).map((one) => deployment.parse(one));
  const found = all.find(({ metadata: { name } }) => name === `m2s2l-${component}`)!;
  const { spec, metadata: own } = found.spec.template;
  return { deployment: found, labels: own.labels, spec, container: spec.containers[0]! };
}

/** Environment variables that a command of the program reads. */
function variablesOf(command: string): string[] {
  const context = { argv: [], signal: new AbortController().signal, progress: new Progress() };
  const { commands } = createProgram(context);
  const { options } = commands.find((one) => one.name() === command)!;
  return options.flatMap(({ description }) => /\[(M2S2L_\w+)\]/.exec(description)?.[1] ?? []);
}

describe('the manifests for Kubernetes', () => {
  test('hold what the API wants, and all files are named', async () => {
    const { resources, images, replicas } = await customised();
    const files = (await readdir(folder)).filter((file) => file !== 'kustomization.yaml');
    expect(resources.toSorted()).toEqual(files.toSorted());
    expect(images).toMatchObject([{ name: 'm2s2l', newTag: version }]);
    const names = (await deployments()).map((one) => one.metadata.name);
    for (const { name } of replicas) expect(names).toContain(name);
    expect((await manifests()).map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'Deployment',
      'PersistentVolumeClaim',
      'PodDisruptionBudget',
      'Service',
    ]);
  });

  test('what one names is there in another', async () => {
    const all = await manifests();
    const claims = all
      .filter(({ kind }) => kind === 'PersistentVolumeClaim')
      .map((one) => one.metadata.name);
    for (const component of ['server', 'worker']) {
      const { deployment: found, labels, spec, container } = await pod(component);
      expect(labels).toEqual(found.spec.selector.matchLabels);
      for (const { labelSelector } of spec.topologySpreadConstraints ?? [])
        expect(labelSelector.matchLabels).toEqual(labels);
      const volumes = spec.volumes.map((volume) => volume.name);
      expect(container.volumeMounts.map((mount) => mount.name).toSorted()).toEqual(
        volumes.toSorted(),
      );
      for (const volume of spec.volumes)
        if ('persistentVolumeClaim' in volume)
          expect(claims).toContain(volume.persistentVolumeClaim.claimName);
      const ports = container.ports.map((port) => port.name);
      for (const probed of [container.readinessProbe, container.livenessProbe])
        if (probed) expect(ports).toContain(probed.httpGet.port);
    }
    for (const one of all) {
      if (one.kind === 'Service') expect(one.spec.selector).toEqual((await pod('server')).labels);
      if (one.kind === 'PodDisruptionBudget')
        expect(one.spec.selector.matchLabels).toEqual((await pod('worker')).labels);
    }
  });

  test('programs get options that they have, and the password from a secret alone', async () => {
    for (const component of ['server', 'worker']) {
      const { container } = await pod(component);
      const [command] = container.args;
      const known = new Set([...variablesOf(command!), 'M2S2L_CACHE', 'PGPASSWORD']);
      for (const { name } of container.env) expect(known, component).toContain(name);
      for (const secret of ['M2S2L_STORE', 'PGPASSWORD'])
        expect(container.env.find((one) => one.name === secret)).toMatchObject({
          valueFrom: { secretKeyRef: { name: 'm2s2l-database' } },
        });
      const files = container.env.find((one) => one.name === 'M2S2L_FILES');
      expect(container.volumeMounts).toContainEqual({
        name: 'files',
        mountPath: files && 'value' in files && files.value,
      });
    }
  });

  test('a worker has time to give its cameras back, and nothing ends it for a database that is away', async () => {
    const { deployment: found, spec, container } = await pod('worker');
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
    expect(container.livenessProbe).toBeUndefined();
    expect(found.spec.strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  });
});
