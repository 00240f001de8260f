/**
 * Learned video anomaly detection for a fixed camera.
 *
 *     import { evaluate, loadModel, train } from 'm2s2l';
 *
 *     await train({ data: 'demo/upcam', out: 'out/model', preset: 'tiny', length: { minutes: 1 } });
 *     const { protocols } = await evaluate('out/model', 'demo/upcam');
 *     const model = await loadModel('out/model');
 *     for await (const { time, score, alarm, regions } of model.score('video.mp4'))
 *       if (alarm) console.log(time, score, regions);
 *     await model.release();
 *
 * @module
 */

export type { Clip } from './datasets/clip.ts';
export {
  type ImportOptions,
  importDataset,
  type OfficialDataset,
} from './datasets/import/import.ts';
export type { DetectorOptions } from './detector/detector.ts';
export type { ScoredFrame } from './detector/frame-scorer.ts';
export type { LiveCamera, LiveCounts, LiveOptions, LiveScoring } from './detector/live.ts';
export { loadModel, type Model, type ScoreOptions } from './detector/model.ts';
export type { ModelDescription, TrainedModel } from './detector/model-file.ts';
export type { Stream, StreamFrame } from './detector/stream.ts';
export { UserError } from './errors.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluation/evaluate.ts';
export type { Localisation } from './evaluation/localisation.ts';
export type { Operations } from './evaluation/operations.ts';
export type { ProtocolFigures, Protocols } from './evaluation/protocols.ts';
export type { ExportDescription } from './export/description.ts';
export { exportModel } from './export/export.ts';
export type { ModelConfiguration, Task } from './model/configuration.ts';
export { type ModelCost, type ModuleCost, modelCost } from './model/cost.ts';
export { type Preset, presetConfiguration } from './model/presets.ts';
export type { DrillFigures, Rehearsal } from './rehearsal/figures.ts';
export { type RehearseOptions, rehearse } from './rehearsal/rehearse.ts';
export { chooseDevice, type DeviceChoice } from './runtime/device.ts';
export type { Device } from './runtime/session.ts';
export type { Region } from './scoring/heatmap.ts';
export type { TrainingLength } from './training/checkpoint.ts';
export type { TrainingConfiguration } from './training/configuration.ts';
export { type QuantiseOptions, quantise } from './training/quantise.ts';
export { type TrainOptions, train } from './training/train.ts';
export { Interrupted, type TrainingProgress } from './training/trainer.ts';
export { version } from './version.ts';
export type { Frame, FrameFormat, OriginalPicture, Size, VideoSource } from './video/frame.ts';
export { type OpenOptions, openVideo } from './video/open.ts';
