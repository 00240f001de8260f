/**
 * Damaged inputs, peers that answer nonsense, and a service that is killed at random moments.
 *
 *     npm run chaos -- [--minutes 4] [--seed N] [--keep FOLDER] [--only inputs|kills]
 *
 * Each input must open or be refused in one line; everything that was announced must be found again.
 * Exit code 1 where that does not hold; the inputs are in FOLDER then, and each case has its own seed.
 */

import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FootageLearner } from '../src/service/learning/footage-learner.ts';
import { scene, size } from '../test/service/whole-service.ts';
import { jpeg, noise, writeVideo } from '../test/video/footage.ts';
import { killAtRandom } from './chaos/kills.ts';
import { Random } from './chaos/mutate.ts';
import { OddPeer } from './chaos/network.ts';
import { damagedCopy, makeSamples, type Sample } from './chaos/samples.ts';
import { type NetworkKind, type Outcome, Tries } from './chaos/tries.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '4' },
    seed: { type: 'string' },
    keep: { type: 'string', default: 'out/chaos' },
    only: { type: 'string' },
  },
});
const duration = 60_000 * Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
if (!(duration > 0) || !Number.isInteger(seed)) {
  process.stderr.write('--minutes is a number above 0, --seed a whole number\n');
  process.exit(2);
}

/** Share of the cases that are peers; the others are files. */
const NETWORK = 0.3;

const networkKinds: readonly NetworkKind[] = ['http', 'rtsp', 'webhook', 'mqtt'];
const folder = await mkdtemp(join(tmpdir(), 'm2s2l-chaos-'));
process.env.M2S2L_CACHE = join(folder, 'cache');
const keep = resolve(values.keep);
const say = (text: string) => process.stderr.write(`${text}\n`);
const faults: string[] = [];
const counts = new Map<string, Record<Outcome['kind'], number>>();

say(`Seed ${seed}`);
const footage = join(folder, 'loop.mp4');
const model = join(folder, 'model');
const shipped = join(import.meta.dirname, '..', 'models', 'upcam-tiny');
await writeVideo(footage, size, scene(100, { from: 50, to: 65 }));
const halves = values.only === undefined ? 2 : 1;
if (values.only !== 'kills') await tryInputs(duration / halves);
if (values.only !== 'inputs') await kill(duration / halves);
await rm(folder, { recursive: true, force: true });

process.stdout.write('| what | opened | refused | faults |\n| --- | --- | --- | --- |\n');
for (const [what, { opened, refused, fault }] of counts)
  process.stdout.write(`| ${what} | ${opened} | ${refused} | ${fault} |\n`);
for (const fault of faults) process.stdout.write(`\n${fault}\n`);
process.exit(faults.length > 0 ? 1 : 0);

async function learnModel(): Promise<void> {
  const normal = join(folder, 'normal.mp4');
  await writeVideo(normal, size, scene(400));
  // A small picture, and no lower priority: the model is no part of what is tried.
  const learner = new FootageLearner({ input: { width: 64, height: 32 }, process: { nice: 0 } });
  await learner.learn(
    {
      camera: 'chaos',
      footage: [{ path: normal, from: 0 }],
      confirmed: [],
      out: model,
      learning: { collectMinutes: 1, trainMinutes: 0.1, preset: 'tiny' },
      alarmsPerDay: 1000,
      oddFolder: join(folder, 'odd'),
    },
    () => undefined,
    new AbortController().signal,
  );
  await learner.stop();
}

/** Damaged files and odd peers in turn, each from a seed of its own. */
async function tryInputs(ms: number): Promise<void> {
  const samples = await makeSamples(join(folder, 'samples'), shipped);
  const peer = await new OddPeer(
    await jpeg({ width: 32, height: 24 }, noise({ width: 32, height: 24 }, 1)),
  ).listen();
  const tries = new Tries();
  say(
    `Damages ${samples.length} inputs and answers nonsense for ${Math.round(ms / 60_000)} minutes`,
  );
  const end = Date.now() + ms;
  for (let n = 0; Date.now() < end; n++) {
    const own = (seed + n) >>> 0;
    const random = new Random(own);
    if (random.next() < NETWORK) {
      const network = random.of(networkKinds);
      const path = peer.as(network, random);
      count(network, own, await tries.attempt({ kind: network, path }));
    } else await tryFile(tries, random.of(samples), own, random);
  }
  tries.end();
  await peer.close();
}

async function tryFile(tries: Tries, sample: Sample, own: number, random: Random): Promise<void> {
  const to = join(folder, 'case');
  await mkdir(to, { recursive: true });
  const path = await damagedCopy(sample, to, random);
  const outcome = await tries.attempt({ kind: sample.kind, path });
  count(sample.kind, own, outcome);
  if (outcome.kind === 'fault')
    await cp(path, join(keep, `${sample.kind}-${own}`), { recursive: true });
  await rm(to, { recursive: true, force: true });
}

function count(what: string, own: number, outcome: Outcome): void {
  const row = counts.get(what) ?? { opened: 0, refused: 0, fault: 0 };
  counts.set(what, row);
  row[outcome.kind] += 1;
  if (outcome.kind !== 'fault') return;
  faults.push(`${what}, seed ${own}: ${outcome.message}`);
  say(faults.at(-1)!);
}

async function kill(ms: number): Promise<void> {
  say('Learns a model of invented footage');
  await learnModel();
  say(`Kills a service for ${Math.round(ms / 60_000)} minutes`);
  const random = new Random(seed);
  const killed = await killAtRandom({ folder, footage, model, random, duration: ms });
  faults.push(...killed.faults.map((fault) => `kills, seed ${seed}: ${fault}`));
  const { kills, childrenKilled, announced, alarms } = killed;
  say(
    `${kills} kills of the service, ${childrenKilled} of its processes; ${announced} events announced, ${alarms} of them alarms`,
  );
}
