import type { CameraSettings } from '../../../src/service/contract/camera.ts';

export type Region = CameraSettings['regions'][number];
export type Corner = Region['polygon'][number];

/** What a person chooses of a region. */
export type RegionUse = 'ignore' | 'zone' | 'quiet zone';

export const REGION_USES: Record<RegionUse, string> = {
  ignore: 'Ignored: counts nowhere',
  zone: 'Zone: events say its name',
  'quiet zone': 'Zone without alarms: listed only',
};

export const useOf = ({ kind, alarms }: Region): RegionUse =>
  kind === 'ignore' ? 'ignore' : alarms ? 'zone' : 'quiet zone';

export function withUse(region: Region, use: RegionUse): Region {
  return { ...region, kind: use === 'ignore' ? 'ignore' : 'zone', alarms: use !== 'quiet zone' };
}

/** Three digits after the point are less than a pixel of most cameras. */
const share = (value: number): number => Math.round(1000 * Math.min(1, Math.max(0, value))) / 1000;

export const cornerAt = (x: number, y: number): Corner => [share(x), share(y)];

/** A name that no other region has. */
function freeName(regions: readonly Region[]): string {
  const taken = new Set(regions.map(({ name }) => name));
  for (let n = 1; ; n++) if (!taken.has(`Region ${n}`)) return `Region ${n}`;
}

export const newRegion = (regions: readonly Region[], polygon: readonly Corner[]): Region => ({
  name: freeName(regions),
  kind: 'ignore',
  alarms: true,
  polygon: [...polygon],
});

/** A box in the middle, whose corners can then be moved by keys. */
export const boxInTheMiddle: readonly Corner[] = [
  [0.35, 0.35],
  [0.65, 0.35],
  [0.65, 0.65],
  [0.35, 0.65],
];

export function moveCorner({ polygon, ...region }: Region, at: number, to: Corner): Region {
  return { ...region, polygon: polygon.map((corner, k) => (k === at ? to : corner)) };
}

/** One more, in the middle of the edge that begins at a corner. */
export function splitEdge({ polygon, ...region }: Region, at: number): Region {
  const [from, to] = [polygon[at]!, polygon[(at + 1) % polygon.length]!];
  const middle = cornerAt((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  return { ...region, polygon: polygon.toSpliced(at + 1, 0, middle) };
}

/** One less; three are left. */
export function removeCorner(region: Region, at: number): Region {
  if (region.polygon.length <= 3) return region;
  return { ...region, polygon: region.polygon.toSpliced(at, 1) };
}

/** Where a key moves a corner to; undefined where it is no key of that. */
export function nudged([x, y]: Corner, key: string, far: boolean): Corner | undefined {
  const step = far ? 0.05 : 0.01;
  switch (key) {
    case 'ArrowLeft':
      return cornerAt(x - step, y);
    case 'ArrowRight':
      return cornerAt(x + step, y);
    case 'ArrowUp':
      return cornerAt(x, y - step);
    case 'ArrowDown':
      return cornerAt(x, y + step);
    default:
      return undefined;
  }
}
