import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic.ts';
import { scenePicture } from '../../scoring/scene/look.ts';
import type { LearnedScene } from '../../scoring/scene/scene.ts';

const sceneFile = z.object({
  format: z.literal(1),
  longestStill: z.number().min(0),
  changing: z.number().min(0).max(1),
  look: z.object({
    luminance: z.number(),
    contrast: z.number(),
    texture: z.number(),
    edges: z.array(z.number()).length(scenePicture.width * scenePicture.height),
  }),
});

/** The scene that is kept in a file; undefined if there is none or it is damaged: the scene is then learned again. */
export async function readScene(path: string): Promise<LearnedScene | undefined> {
  try {
    const kept = sceneFile.parse(JSON.parse(await readFile(path, 'utf8')));
    const { look, longestStill, changing } = kept;
    return { look: { ...look, edges: Float32Array.from(look.edges) }, longestStill, changing };
  } catch {
    return undefined;
  }
}

/** Keeps a scene, whole or not at all. @throws UserError where the disk is full */
export async function writeScene(path: string, { look, ...rest }: LearnedScene): Promise<void> {
  const edges = Array.from(look.edges, (edge) => Math.round(edge * 100) / 100);
  const kept = { format: 1, ...rest, look: { ...look, edges } } satisfies z.infer<typeof sceneFile>;
  await writeFileAtomically(path, JSON.stringify(kept));
}
