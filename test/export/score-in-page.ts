import type { ExportDescription } from '../../src/export/description.ts';
import { StreamScorer } from '../../src/scoring/score.ts';
import { streamErrors } from './stream-in-web-runtime.ts';

/** In a browser's page: scores every frame that the server has, those of the warm-up left out. */
export async function scoresInPage(): Promise<number[]> {
  const bytes = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const description = (await (await fetch('/onnx/export.json')).json()) as ExportDescription;
  const { statistics, scoring, frame, warmUpFrames } = description;
  const size = frame.channels * frame.height * frame.width;
  const all = await bytes('/frames');
  const frames = Array.from({ length: all.length / size }, (_, t) =>
    all.slice(t * size, (t + 1) * size),
  );
  const scorer = new StreamScorer(statistics, scoring);
  const scores: number[] = [];
  let seen = 0;
  for await (const errors of streamErrors(await bytes('/onnx/stream.onnx'), description, frames))
    if (seen++ >= warmUpFrames) scores.push(scorer.push(errors).score);
  return scores;
}
