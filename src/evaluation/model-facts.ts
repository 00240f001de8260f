import type { HistoryPoint, ModelDescription } from '../detector/model-file.ts';
import { modelCost } from '../model/cost.ts';
import type { LossPoint, LossTerm, ReportData } from './report/data.ts';

/** What the report says of the model. */
export function modelFacts(name: string, description: ModelDescription): ReportData['model'] {
  const { preset, configuration, provenance } = description;
  return {
    name,
    preset,
    task: configuration.task,
    parameters: modelCost(configuration).parameters,
    input: configuration.input,
    seed: provenance.seed,
  };
}

/** What the parts of a model did at the last look of its training; undefined where there was none. */
export const lastInner = ({ training }: ModelDescription): ReportData['inner'] =>
  training.history.findLast(({ inner }) => inner !== undefined)?.inner;

/** The loss curves of a model's training, a term each, the total first. */
export function lossTerms(description: ModelDescription): LossTerm[] {
  const { history } = description.training;
  const epochOf = epochs(description);
  const points = (
    of: (point: HistoryPoint) => Readonly<Record<string, number>> | null,
    name: string,
  ): LossPoint[] =>
    history.flatMap((point) => {
      const value = of(point)?.[name];
      return value === undefined ? [] : [{ epoch: epochOf(point), value }];
    });
  return Object.keys(history[0]?.training ?? {}).map((name) => ({
    name,
    training: points((point) => point.training, name),
    validation: points((point) => point.validation, name),
  }));
}

/** Where in the training a point lies, in epochs. Runs by minutes only record samples. */
function epochs({ training, provenance }: ModelDescription): (point: HistoryPoint) => number {
  const { length } = training.settings as { length?: { epochs?: number } };
  const total = length?.epochs;
  return total === undefined
    ? ({ samples }) => samples / provenance.frames
    : ({ step }) => (total * step) / provenance.steps;
}
