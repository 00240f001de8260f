import type { CameraSettingsInput, CameraStatus } from '../../../src/service/contract/camera.ts';

/** Cameras that stand together on the wall; without a name those of no group. */
export interface WallGroup {
  readonly name: string | null;
  readonly cameras: readonly CameraStatus[];
}

export type WallPlace = NonNullable<CameraSettingsInput['wall']>;

const LAST = Number.POSITIVE_INFINITY;
const placeOf = ({ settings }: CameraStatus): number => settings.wall?.place ?? LAST;
const nameOf = ({ settings }: CameraStatus): string => settings.name;

/** By place, then by name. */
function inOrder(a: CameraStatus, b: CameraStatus): number {
  const [first, second] = [placeOf(a), placeOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  return nameOf(a).localeCompare(nameOf(b));
}

/** The groups in the order of their first cameras, those without one at the end. */
export function wallGroups(cameras: readonly CameraStatus[]): WallGroup[] {
  const groups = Map.groupBy(
    cameras.toSorted(inOrder),
    ({ settings }) => settings.wall?.group ?? null,
  );
  const rest = groups.get(null);
  groups.delete(null);
  return [...groups, ...(rest ? [[null, rest] as const] : [])].map(([name, of]) => ({
    name,
    cameras: of,
  }));
}

/** Cameras in the order in which a wall shows them. */
export const wallOrder = (cameras: readonly CameraStatus[]): CameraStatus[] =>
  wallGroups(cameras).flatMap((group) => [...group.cameras]);

/**
 * What stirs first: alarms, then by how near the score is to the threshold. In steps of a quarter, so
 * that tiles do not change places with every score.
 */
export function stirringFirst(
  cameras: readonly CameraStatus[],
  alarms: { has(camera: string): boolean },
  scoreOf: (camera: string) => number | null,
): CameraStatus[] {
  const stirs = (camera: CameraStatus): number => {
    if (alarms.has(camera.id)) return LAST;
    const threshold = camera.threshold?.threshold;
    const score = scoreOf(camera.id);
    if (score === null || !threshold || camera.state !== 'watching') return -1;
    return Math.max(0, Math.floor((4 * score) / threshold));
  };
  const ranked = wallOrder(cameras).map((camera) => ({ camera, stirs: stirs(camera) }));
  return ranked
    .sort((a, b) => (a.stirs === b.stirs ? 0 : b.stirs - a.stirs))
    .map(({ camera }) => camera);
}

/**
 * The places of all cameras after one was moved among its group, or into another group, at its end.
 * @returns those that change
 */
export function arranged(
  cameras: readonly CameraStatus[],
  moved: string,
  to: { readonly by: number } | { readonly group: string | null },
): Map<string, WallPlace> {
  const groups = wallGroups(cameras).map(({ name, cameras: of }) => ({ name, of: [...of] }));
  const from = groups.find(({ of }) => of.some(({ id }) => id === moved));
  if (!from) return new Map();
  const at = from.of.findIndex(({ id }) => id === moved);
  const [camera] = from.of.splice(at, 1);
  if ('by' in to) {
    const place = Math.max(0, Math.min(from.of.length, at + to.by));
    from.of.splice(place, 0, camera!);
  } else {
    const group = groups.find(({ name }) => name === to.group);
    if (group) group.of.push(camera!);
    else groups.splice(to.group === null ? groups.length : 0, 0, { name: to.group, of: [camera!] });
  }
  const changes = new Map<string, WallPlace>();
  let place = 0;
  for (const { name, of } of groups)
    for (const one of of) {
      const wall = { ...(name !== null && { group: name }), place: place++ };
      const before = one.settings.wall;
      if (before?.group !== wall.group || before?.place !== wall.place) changes.set(one.id, wall);
    }
  return changes;
}
