import type { ReportClip, ReportData, ReportPeak } from '../../../src/evaluation/report/data.ts';
import { peakFrames } from '../../../src/evaluation/report/peaks.ts';

/** A clip whose score is a wave, with a bump in the middle where it is labelled anomalous. */
export function inventedClip(name: string, frames: number, fps = 10): ReportClip {
  const labels = Uint8Array.from({ length: frames }, (_, i) =>
    i > 0.4 * frames && i < 0.7 * frames ? 1 : 0,
  );
  const part = (period: number) =>
    Float64Array.from(labels, (label, i) => 5 * label + Math.sin(i / period));
  const appearance = part(7);
  const motion = part(11);
  const score = appearance.map((value, i) => value + motion[i]!);
  const peaks = peakFrames(score, fps).map(inventedPeak);
  return { name, fps, labels, score, appearance, motion, peaks };
}

function inventedPeak(frame: number): ReportPeak {
  const format = { width: 32, height: 32, channels: 1 } as const;
  const heatmap = new Float32Array(16);
  heatmap[5] = 9;
  return {
    frame,
    picture: { format, data: Uint8Array.from({ length: 1024 }, (_, i) => (i % 32) * 8) },
    source: { width: 48, height: 32 },
    heatmap,
    grid: { width: 4, height: 4 },
  };
}

/** A whole report over some clips. */
export function inventedReport(clips: readonly ReportClip[]): ReportData {
  const figures = { microAuc: 0.91234, macroAuc: 0.9, averagePrecision: 0.95, eer: 0.12 };
  const losses = ['total', 'frame', 'difference'].map((name, k) => ({
    name,
    training: Array.from({ length: 80 }, (_, i) => ({
      epoch: (i + 1) / 8,
      value: (0.3 / (k + 1)) * Math.exp(-i / 25) + 0.01,
    })),
    validation: Array.from({ length: 10 }, (_, i) => ({
      epoch: i + 1,
      value: (0.3 / (k + 1)) * Math.exp(-i / 3) + 0.02,
    })),
  }));
  return {
    version: '0.1.0',
    model: {
      name: 'walkway',
      preset: 'small',
      task: 'predict',
      parameters: 2_345_678,
      input: { width: 256, height: 256, channels: 1 },
      seed: 7,
    },
    dataset: {
      name: 'ped2',
      frames: clips.reduce((sum, { score }) => sum + score.length, 0),
      anomalousFrames: 1648,
      labelSource: 'labels/frame_labels.json',
    },
    protocols: {
      live: figures,
      raw: figures,
      paper: { ...figures, microAuc: 0.95 },
      paperPace: { ...figures, microAuc: 0.967 },
      paperWholeSet: { ...figures, microAuc: 0.834 },
    },
    warmUp: { frames: 24, liveWithout: { ...figures, microAuc: 0.898 } },
    localisation: { pixelAuc: 0.876, rbdc: 0.5, tbdc: null },
    operations: {
      threshold: 6.25,
      alarmsPerHour: 12.3,
      falseAlarms: 2,
      normalHours: 0.1626,
      alarmsPerHourBound: 38.7,
      eventsFound: 11,
      events: 12,
      medianDelayFrames: 4.5,
      keptBudgets: [{ alarmsPerHour: 1, threshold: 9, eventsFound: 2, events: 3 }],
    },
    threshold: {
      threshold: 6.25,
      budgetPerHour: 1,
      expectedAlarmsPerHour: 0.0123,
      confidence: 0.95,
      heldOutHours: 0.0125,
      episodes: 6,
      level: 1.5,
      meanExcess: 0.5,
      meanExcessBound: 0.8,
    },
    scoring: { blockSizes: [2, 4], window: 10, combination: 'largest', regionLevel: 4 },
    framesPerSecond: 51.7,
    losses,
    inner: {
      frames: 16,
      time: {
        scales: [
          { stride: 1, weight: 0.321, onMoving: 0.999 },
          { stride: 3, weight: 0.679, onMoving: null },
        ],
        entropy: null,
      },
      memories: { motion: { slots: 64, perplexity: 31.5 } },
    },
    clips,
  };
}
