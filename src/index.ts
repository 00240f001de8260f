/**
 * Learned video anomaly detection for a fixed camera.
 *
 *     import { evaluate, loadModel, train } from 'm2s2l';
 *
 *     await train({ data: 'demo/upcam', out: 'out/model', preset: 'tiny', length: { minutes: 1 } });
 *     const { protocols } = await evaluate('out/model', 'demo/upcam');
 *     await using model = await loadModel('out/model');
 *     for await (const { time, score, alarm, regions } of model.score('video.mp4'))
 *       if (alarm) console.log(time, score, regions);
 *
 * @module
 */

export type { Clip } from './datasets/clip.ts';
export {
  type ImportOptions,
  importDataset,
  type OfficialDataset,
} from './datasets/import/import.ts';
export type { Dataset } from './datasets/layout.ts';
export type { Detector, DetectorOptions } from './detector/detector.ts';
export type { ScoredFrame } from './detector/frame-scorer.ts';
export type {
  LiveCamera,
  LiveCameraOptions,
  LiveCounts,
  LiveOptions,
  LiveScoring,
} from './detector/live.ts';
export { loadModel, type Model, type ScoreOptions } from './detector/model.ts';
export type { ModelDescription, TrainedModel } from './detector/model-file.ts';
export type { Ring } from './detector/ring.ts';
export type { Stream, StreamFrame } from './detector/stream.ts';
export { UserError } from './errors.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluation/evaluate.ts';
export type { Localisation } from './evaluation/localisation.ts';
export type { Operations } from './evaluation/operations.ts';
export type { AfterWarmUp, ProtocolFigures, Protocols } from './evaluation/protocols.ts';
export type { ExportDescription, FileDescription } from './export/description.ts';
export { exportModel } from './export/export.ts';
export type { Inspection } from './inspection/inspection.ts';
export type { ModelConfiguration, Task } from './model/configuration.ts';
export { type ModelCost, type ModuleCost, modelCost } from './model/cost.ts';
export { type Preset, presetConfiguration } from './model/presets.ts';
export type { Weights } from './nn/parameters.ts';
export type { DrillFigures, Rehearsal } from './rehearsal/figures.ts';
export { type RehearseOptions, rehearse } from './rehearsal/rehearse.ts';
export { chooseDevice, type DeviceChoice } from './runtime/device.ts';
export type { Device } from './runtime/session.ts';
export type { Region } from './scoring/heatmap.ts';
export type { Corner, PictureRegion } from './scoring/regions/regions.ts';
export type { TrainingConfiguration } from './training/configuration.ts';
export { type InspectModelOptions, inspect, type ModelInspection } from './training/inspect.ts';
export { type QuantiseOptions, quantise } from './training/quantise.ts';
export type { TrainingLength } from './training/run-settings.ts';
export { type TrainOptions, train } from './training/train.ts';
export { Interrupted, type TrainingProgress } from './training/trainer.ts';
export { version } from './version.ts';
export { type CameraOptions, openCamera } from './video/camera.ts';
export type { Frame, FrameFormat, OriginalPicture, Size, VideoSource } from './video/frame.ts';
export { type OpenOptions, openVideo } from './video/open.ts';
