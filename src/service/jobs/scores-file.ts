import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ScoredFrame } from '../../detector/frame-scorer.ts';
import { scoreLine } from '../../detector/score-line.ts';
import { writeAtomically } from '../../files/atomic.ts';

/** The last line of a file of scores: what is to say of the recording as a whole. */
const ending = z.object({
  scored: z.object({
    frames: z.number(),
    /** Frames that could not be decoded. */
    corrupt: z.array(z.number()),
    fps: z.number(),
    /** Where its rate comes from. */
    rateFrom: z.enum(['video', 'option', 'assumed']).optional(),
  }),
});

export type ScoredRecording = z.infer<typeof ending>['scored'];

/** Characters that are written at once. */
const CHUNK = 1 << 16;

/**
 * Writes scores, a line a frame, whole or not at all.
 * @throws UserError when the disk is full or the place may not be written; what the frames throw
 */
export async function writeScores(
  path: string,
  frames: AsyncIterable<ScoredFrame>,
  { fps, rateFrom }: Pick<ScoredRecording, 'fps' | 'rateFrom'>,
  onFrame: (frame: number) => void,
): Promise<void> {
  await writeAtomically(path, async (file) => {
    const corrupt: number[] = [];
    let [count, text] = [0, ''];
    for await (const frame of frames) {
      if (frame.corrupt) corrupt.push(frame.frame);
      count += 1;
      text += scoreLine(frame);
      onFrame(frame.frame);
      if (text.length > CHUNK) {
        await file.writeFile(text);
        text = '';
      }
    }
    const scored: ScoredRecording = { frames: count, corrupt, fps, rateFrom };
    await file.writeFile(`${text}${JSON.stringify({ scored })}\n`);
  });
}

/**
 * Reads the lines of the frames, each with its end of line.
 * @returns what the file says of the whole
 */
export async function* readScores(path: string): AsyncGenerator<string, ScoredRecording> {
  let last: string | undefined;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (last !== undefined) yield `${last}\n`;
    last = line;
  }
  return ending.parse(JSON.parse(last ?? 'null')).scored;
}

/** Whether the scores of a recording are there: then they are whole. */
export const hasScores = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
