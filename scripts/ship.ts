/**
 * Makes a trained model one that the repository ships:
 *
 *     node scripts/ship.ts MODEL DATA OUT
 *
 * Its weights in half precision, and a card with what `m2s2l eval OUT DATA` then says of it.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel, writeModel } from '../src/detector/model-file.ts';
import { evaluate } from '../src/evaluation/evaluate.ts';
import type { ProtocolFigures } from '../src/evaluation/protocols.ts';
import { PRESET_BATCH } from '../src/training/configuration.ts';

const [folder, data, out] = process.argv.slice(2);
if (!folder || !data || !out) throw new Error('usage: node scripts/ship.ts MODEL DATA OUT');

interface Footage {
  readonly what: string;
  readonly terms: string;
  readonly limits: string;
}

/** What the cards say of the footage, by the name of its folder. */
const footage: Readonly<Record<string, Footage>> = {
  ped2: {
    what: 'UCSD Ped2: 16 training clips of a walkway, 2,550 frames, gray, 360x240, 10 frames a second',
    terms: `The frames are not part of this repository. Who uses the data cites V. Mahadevan, W. Li, V. Bhalodia
and N. Vasconcelos, "Anomaly Detection in Crowded Scenes", CVPR 2010.`,
    limits: 'this walkway, by day, from this angle: it is for measuring, not for another camera',
  },
  upcam: {
    what: 'upcam: one fixed indoor camera, 128x64, 5 frames a second',
    terms:
      'The footage is under the MIT licence, Fabian S. Hofmann, 2021 (`demo/upcam/LICENSE.md`).',
    limits: 'this room and this camera: it is for the demo, not for another camera',
  },
  '05': {
    what: 'day 05 of upcam, one fixed indoor camera, 128x64, 5 frames a second, a file an hour',
    terms:
      'The footage is under the MIT licence, Fabian S. Hofmann, 2021 (`demo/upcam/LICENSE.md`).',
    limits: 'this room and this camera: it is for the demo, not for another camera',
  },
};

const model = await readModel(folder);
const { preset, provenance, training, configuration, threshold } = model.description;
const about = footage[provenance.data];
if (!about) throw new Error(`no card is written for footage called ${provenance.data}`);
await rm(out, { recursive: true, force: true });
await writeModel(out, model, 'F16');
const { protocols, localisation, operations } = await evaluate(out, data);

const figure = (value: number | null) => (value === null ? '–' : value.toFixed(3));
const row = (name: string, p: ProtocolFigures) =>
  `| ${name} | ${[p.microAuc, p.macroAuc, p.averagePrecision, p.eer].map(figure).join(' | ')} |`;
const { length, batch } = training.settings as { length: Record<string, number>; batch: number };
const words = [
  ...['m2s2l', 'train', 'DATA', '--preset', preset, '--seed', provenance.seed],
  ...Object.entries(length).flatMap(([unit, count]) => [`--${unit}`, count]),
  ...(batch === PRESET_BATCH[preset] ? [] : ['--batch', batch]),
  ...(provenance.device === 'cpu' ? [] : ['--device', provenance.device]),
];
const where = provenance.device === 'cpu' ? 'on the CPU' : 'on a GPU';
await writeFile(
  join(out, 'README.md'),
  `# ${out.split('/').at(-1)}

A \`${preset}\` model (task \`${configuration.task}\`, weights in half precision), made by m2s2l ${model.description.version}.

- Learned from: ${about.what}; ${provenance.frames} frames, ${provenance.heldOutFrames} more held out for statistics and threshold.
- By: \`${words.join(' ')}\`, ${provenance.steps} steps in ${Math.round(provenance.seconds / 60)} minutes ${where}. No label chose anything; one seed.
- Good for: ${about.limits}.

\`m2s2l eval ${out} DATA\`:

| protocol | micro AUC | macro AUC | average precision | EER |
| --- | --- | --- | --- | --- |
${row('live', protocols.live)}
${row('raw', protocols.raw)}
${row('paper', protocols.paper)}
${row('paper+pace', protocols.paperPace)}
${row('paper, whole set', protocols.paperWholeSet)}

Pixel AUC ${figure(localisation.pixelAuc)}, RBDC ${figure(localisation.rbdc)}, TBDC ${figure(localisation.tbdc)}. At the threshold ${threshold.threshold.toFixed(2)}, made for ${threshold.budgetPerHour} alarm an hour: ${operations.falseAlarms ?? '–'} false alarms in ${(60 * (operations.normalHours ?? 0)).toFixed(1)} minutes of normal frames, ${operations.eventsFound ?? '–'} of ${operations.events ?? '–'} events found.

${about.terms}
`,
);
