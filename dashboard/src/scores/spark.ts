import { scoreRange } from './range.ts';
import type { ScoreRing } from './ring.ts';

/** Longer without a score is a gap in the curve. */
const GAP = 5000;

/** A small curve's colours, as the canvas takes them. */
export interface SparkColours {
  readonly curve: string;
  readonly threshold: string;
  readonly above: string;
}

/**
 * Draws the scores of the last `span` ms against the threshold. Sizes in pixels of the canvas.
 */
export function drawSpark(
  context: CanvasRenderingContext2D,
  ring: ScoreRing,
  look: {
    readonly now: number;
    readonly span: number;
    readonly threshold: number | null;
    readonly width: number;
    readonly height: number;
    readonly scale: number;
    readonly colours: SparkColours;
  },
): void {
  const { now, span, threshold, width, height, scale, colours } = look;
  const from = now - span;
  const times: number[] = [];
  const scores: number[] = [];
  ring.forEach(from, (time, score) => {
    times.push(time);
    scores.push(score);
  });
  const [low, high] = scoreRange(scores, threshold);
  const pad = 2 * scale;
  const x = (time: number) => ((time - from) / span) * width;
  const y = (score: number) => height - pad - ((score - low) / (high - low)) * (height - 2 * pad);

  context.clearRect(0, 0, width, height);
  const level = threshold === null ? null : y(threshold);
  if (level !== null) {
    context.strokeStyle = colours.threshold;
    context.lineWidth = scale;
    context.setLineDash([4 * scale, 4 * scale]);
    context.beginPath();
    context.moveTo(0, level);
    context.lineTo(width, level);
    context.stroke();
    context.setLineDash([]);
  }

  const path = new Path2D();
  let last = Number.NEGATIVE_INFINITY;
  times.forEach((time, k) => {
    if (Number.isNaN(scores[k]!)) return;
    if (time - last > GAP) path.moveTo(x(time), y(scores[k]!));
    else path.lineTo(x(time), y(scores[k]!));
    last = time;
  });
  context.lineWidth = 1.5 * scale;
  context.lineJoin = 'round';
  context.strokeStyle = colours.curve;
  context.stroke(path);
  // What is above the threshold once more, in the colour of an alarm and thicker.
  if (level !== null) {
    context.save();
    context.beginPath();
    context.rect(0, 0, width, level);
    context.clip();
    context.strokeStyle = colours.above;
    context.lineWidth = 2.5 * scale;
    context.stroke(path);
    context.restore();
  }
}
