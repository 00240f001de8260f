/** Evaluates a model and writes the report. Usage: node evaluate.ts [MODEL] [DATA] [REPORT] */
import { fileURLToPath } from 'node:url';
import { evaluate } from 'm2s2l';

const labelled = fileURLToPath(import.meta.resolve('m2s2l/demo/upcam'));
const [model = 'upcam-tiny', data = labelled, report] = process.argv.slice(2);

const { frames, framesPerSecond, operations, protocols } = await evaluate(model, data, { report });
for (const [name, { microAuc, eer }] of Object.entries(protocols))
  console.log(`${name}: micro AUC ${microAuc?.toFixed(3)}, EER ${eer?.toFixed(3)}`);
console.log(`${operations.eventsFound} of ${operations.events} events found`);
console.log(`${frames} frames, ${framesPerSecond.toFixed(0)} a second`);
