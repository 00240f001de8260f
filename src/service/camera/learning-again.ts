import { UserError } from '../../errors.ts';
import { hoursWords } from '../budget/hours-words.ts';
import type { CameraStatus, LearningSettings, SceneChange } from '../contract/camera.ts';
import type { Span, Store, StoredCamera } from '../parts.ts';

/** What to learn. */
export interface LearningOrder {
  readonly settings: LearningSettings;
  /** When its footage was collected, where that is done. */
  readonly span?: Span | undefined;
}

/** Seconds. */
const HOUR = 3600;

/** Share of its footage that must be left: a model of much less would be a worse one. */
const LEAST_LEFT = 0.5;

/** Whether the last learning can be done again at once, and on what, or why not. */
export function learningAgain(
  { id, learned = null, settings }: Pick<StoredCamera, 'id' | 'learned' | 'settings'>,
  scene: SceneChange | null,
  store: Pick<Store, 'footageSeconds'>,
): CameraStatus['learnAgain'] {
  const no = (line: string) => ({ possible: false, line });
  if (!learned) {
    if (settings.model !== undefined) return no('its model was not learned here');
    return no('the footage that it learned from was not kept');
  }
  if (scene === 'moved') return no('the camera shows another view than the one it learned');
  if (learned.span === null)
    return { possible: true, line: 'from the file that it learned from, and what was judged' };
  const left = store.footageSeconds(id, learned.span);
  const of = hoursWords(learned.seconds / HOUR);
  if (left < LEAST_LEFT * learned.seconds)
    return no(
      left === 0
        ? `the ${of} of footage that it learned from are no longer kept`
        : `only ${hoursWords(left / HOUR)} of the ${of} of footage that it learned from are left`,
    );
  const kept =
    hoursWords(left / HOUR) === of ? of : `${hoursWords(left / HOUR)} that are left of the ${of}`;
  return {
    possible: true,
    line: `from the ${kept} of footage that it learned from, and what was judged`,
  };
}

/**
 * What to learn again.
 * @throws UserError where that is not possible, with the reason
 */
export function toLearnAgain(
  camera: Pick<StoredCamera, 'id' | 'learned' | 'settings'>,
  scene: SceneChange | null,
  store: Pick<Store, 'footageSeconds'>,
): LearningOrder {
  const { possible, line } = learningAgain(camera, scene, store);
  if (!possible || !camera.learned)
    throw new UserError(
      `camera ${camera.id}: cannot learn again at once: ${line}; let it learn again from the camera`,
    );
  const { settings, span } = camera.learned;
  return { settings, span: span ?? undefined };
}
