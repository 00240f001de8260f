import { UserError } from '../../errors.ts';
import { previewBudget } from '../budget/budget.ts';
import type { CameraKeeper } from '../budget/camera-keeper.ts';
import { previewRegions, type SeenAlarms } from '../budget/region-preview.ts';
import type { BudgetPreview, CameraSettings, RegionPreview } from '../contract/camera.ts';
import type { CameraContext } from './context.ts';
import type { CameraLife } from './life.ts';
import { LOOKED_BACK, seenBefore } from './seen-before.ts';

/** Alarms that a preview lists at most. */
const MOST_ALARMS = 200;

type Context = Pick<CameraContext, 'store' | 'schedule'>;

/** What another budget would have meant. @throws UserError where no model watches */
export function budgetPreviewOf(
  life: CameraLife,
  { store }: Context,
  alarmsPerDay: number,
): BudgetPreview {
  const keeper = keeperOf(life);
  const { history } = seenBefore(store, life.id, Date.now(), lightOf(life));
  const { budget } = life.settings;
  const asked = { ...budget, alarmsPerDay };
  const preview = previewBudget(history, keeper, asked, 1000 * budget.grouping);
  return { ...preview, alarms: withEvents(life.id, store, preview.alarms) };
}

/** What other regions would have meant. @throws UserError where no model watches */
export function regionPreviewOf(
  life: CameraLife,
  { store, schedule }: Context,
  asked: CameraSettings['regions'],
): RegionPreview {
  const keeper = keeperOf(life);
  const { id, settings } = life;
  const { regions, budget } = schedule.inForce(id, { ...settings, regions: asked });
  const now = Date.now();
  const { history } = seenBefore(store, id, now, lightOf(life));
  const maps = store.placeMaps(id, now - LOOKED_BACK, now, lightOf(life));
  const preview = previewRegions(history, maps, regions, keeper, budget, 1000 * budget.grouping);
  const shown = ({ threshold, alarms }: SeenAlarms) => ({
    threshold,
    totalAlarms: alarms.length,
    alarms: withEvents(id, store, alarms.toReversed().slice(0, MOST_ALARMS)),
  });
  return { ...preview, before: shown(preview.before), after: shown(preview.after) };
}

/** Of the model in use: the other one's scores follow from another normal. */
const lightOf = (life: CameraLife) => life.status().light ?? undefined;

function keeperOf(life: CameraLife): CameraKeeper {
  life.flushScores();
  if (!life.keeper) throw new UserError('no model watches this camera yet; wait until one does');
  return life.keeper;
}

export const withEvents = (id: string, store: Context['store'], alarms: SeenAlarms['alarms']) =>
  alarms.map(({ time, end, peak }) => ({
    time,
    peak,
    event: store.eventsBetween(id, time, end)[0]?.id ?? null,
  }));
