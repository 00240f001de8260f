/** Loads a model and says what it is. Usage: node load.ts [MODEL] */
import { loadModel, modelCost, UserError } from 'm2s2l';

const [folder = 'upcam-tiny'] = process.argv.slice(2);

try {
  const model = await loadModel(folder);
  const { configuration, preset, provenance } = model.description;
  const { parameters, flops } = modelCost(configuration);
  console.log(`${model.name}: ${preset}, ${parameters} parameters, ${flops / 1e9} GFLOPs`);
  console.log(`learned from ${provenance.frames} frames of ${provenance.data}`);
  await model.release();
} catch (error) {
  // Whatever the user can put right comes in one line.
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
