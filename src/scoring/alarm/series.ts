import { defaultGrouping, Episodes } from './episodes.ts';

/** One alarm, from its first frame to before `end`. */
export interface AlarmEpisode {
  readonly start: number;
  readonly end: number;
  readonly peak: number;
  readonly peakFrame: number;
}

/**
 * The alarms of a whole series at a constant threshold, by the rule of {@link Episodes}.
 * @param scores one a frame
 * @param options.grouping milliseconds
 */
export function alarmEpisodes(
  scores: ArrayLike<number>,
  threshold: number,
  { fps, grouping = defaultGrouping }: { readonly fps: number; readonly grouping?: number },
): AlarmEpisode[] {
  const rule = new Episodes(grouping);
  const episodes: AlarmEpisode[] = [];
  const millisecondsAFrame = 1000 / fps;
  let start = 0;
  let peakFrame = 0;
  const close = (end: number | undefined) => {
    if (end === undefined) return;
    const frame = Math.min(scores.length, Math.ceil(end / millisecondsAFrame - 1e-6));
    episodes.push({ start, end: frame, peak: scores[peakFrame]!, peakFrame });
  };
  for (let i = 0; i < scores.length; i++) {
    const time = i * millisecondsAFrame;
    close(rule.advance(time));
    const above = scores[i]! > threshold;
    if (rule.push(time, above)) start = peakFrame = i;
    else if (above && rule.state === 'on' && scores[i]! > scores[peakFrame]!) peakFrame = i;
  }
  close(rule.interrupt(scores.length * millisecondsAFrame));
  return episodes;
}
