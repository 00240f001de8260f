/** A corner of a polygon, as shares of the picture's width and height, from its top left. */
export type Corner = readonly [x: number, y: number];

/**
 * A part of the picture that a person has drawn. What happens in `ignore` counts nowhere. A `zone` gives
 * its name to what happens in it; without `alarms` its score neither alarms nor moves the threshold.
 */
export interface PictureRegion {
  readonly name: string;
  readonly kind: 'ignore' | 'zone';
  readonly polygon: readonly Corner[];
  /** Of a zone; default true. */
  readonly alarms?: boolean | undefined;
}

/** Points that a cell is looked at, a side. */
const SAMPLES = 4;

/** Share of a cell that a region must cover for it to be part of the region. */
const COVERED = 0.25;

/** Whether a point lies in a polygon, by the even-odd rule; coordinates as in {@link Corner}. */
export function isInside(polygon: readonly Corner[], x: number, y: number): boolean {
  let inside = false;
  let [previousX, previousY] = polygon.at(-1)!;
  for (const [cornerX, cornerY] of polygon) {
    const crosses = cornerY > y !== previousY > y;
    const at = previousX + ((y - previousY) / (cornerY - previousY)) * (cornerX - previousX);
    if (crosses && x < at) inside = !inside;
    [previousX, previousY] = [cornerX, cornerY];
  }
  return inside;
}

/** Area of a polygon as a share of the picture. */
export function areaOf(polygon: readonly Corner[]): number {
  let [previousX, previousY] = polygon.at(-1)!;
  let twice = 0;
  for (const [x, y] of polygon) {
    twice += previousX * y - x * previousY;
    [previousX, previousY] = [x, y];
  }
  return Math.abs(twice) / 2;
}

/** Regions that count in no score: ignored ones, and zones without alarms. */
export const isUncounted = ({ kind, alarms = true }: PictureRegion): boolean =>
  kind === 'ignore' || !alarms;

/**
 * Cells of which regions cover a quarter or more.
 * @returns 1 for each covered cell `[height, width]`; undefined where no cell is
 */
export function cellsOf(
  regions: readonly PictureRegion[],
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array | undefined {
  const cells = new Uint8Array(width * height);
  for (let cell = 0; cell < cells.length; cell++) {
    const column = cell % width;
    const row = (cell - column) / width;
    let covered = 0;
    for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
      const x = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / width;
      const y = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / height;
      if (regions.some(({ polygon }) => isInside(polygon, x, y))) covered += 1;
    }
    if (covered >= COVERED * SAMPLES * SAMPLES) cells[cell] = 1;
  }
  return cells.includes(1) ? cells : undefined;
}

/** Name of the first zone that a point lies in; null where it lies in none. */
export function zoneAt(regions: readonly PictureRegion[], x: number, y: number): string | null {
  const zone = regions.find(({ kind, polygon }) => kind === 'zone' && isInside(polygon, x, y));
  return zone?.name ?? null;
}
