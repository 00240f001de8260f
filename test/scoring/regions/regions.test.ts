import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { worstRegions } from '../../../src/scoring/heatmap.ts';
import {
  PlaceMapGatherer,
  peakWith,
  uncountedPlaces,
} from '../../../src/scoring/regions/place-map.ts';
import { RegionScorer, withoutCells } from '../../../src/scoring/regions/region-scorer.ts';
import {
  type Corner,
  cellsOf,
  isInside,
  type PictureRegion,
  zoneAt,
} from '../../../src/scoring/regions/regions.ts';
import { rescored, type SeenSeconds } from '../../../src/scoring/regions/rescore.ts';
import { StreamScorer } from '../../../src/scoring/score.ts';
import { statisticsOf } from '../../../src/scoring/statistics.ts';
import { anyFrames, flatErrors } from '../frames-of-errors.ts';

const MINUTE = 60_000;
const box = (left: number, top: number, right: number, bottom: number): Corner[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const region = (
  kind: PictureRegion['kind'],
  polygon: Corner[],
  more: Partial<PictureRegion> = {},
): PictureRegion => ({ name: 'one', kind, polygon, ...more });
const right = box(0.5, 0, 1, 1);
const left = box(0, 0, 0.5, 1);

function statistics() {
  const frames = Array.from({ length: 50 }, (_, i) => flatErrors(0.01 + i / 5000, 0.01 + i / 5000));
  return statisticsOf(frames, [1, 2]);
}

/** Ordinary errors, with a large one in a cell. */
function oddAt(cell: number, error = 1) {
  const errors = flatErrors(0.012, 0.012);
  errors.appearance[cell] = error;
  return errors;
}

describe('a region', () => {
  test('has an inside, also where it is no box and where it crosses itself', () => {
    const triangle: Corner[] = [
      [0, 0],
      [1, 0],
      [0, 1],
    ];
    expect(isInside(triangle, 0.2, 0.2)).toBe(true);
    expect(isInside(triangle, 0.8, 0.8)).toBe(false);
    const bow: Corner[] = [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ];
    expect(isInside(bow, 0.1, 0.5)).toBe(true);
    expect(isInside(bow, 0.5, 0.1)).toBe(false);
  });

  test('has the cells of which it covers a quarter', () => {
    const grid = { width: 4, height: 2 };
    const cells = (polygon: Corner[]) => cellsOf([region('ignore', polygon)], grid);
    expect(cells(right)).toEqual(Uint8Array.from([0, 0, 1, 1, 0, 0, 1, 1]));
    expect(cells(box(0.68, 0, 0.74, 0.2))).toEqual(undefined);
    expect(cells(box(0.66, 0, 0.74, 1))).toEqual(Uint8Array.from([0, 0, 1, 0, 0, 0, 1, 0]));
  });

  test('names what lies in it where it is a zone', () => {
    const regions = [region('ignore', left), region('zone', right, { name: 'door' })];
    expect(zoneAt(regions, 0.75, 0.5)).toBe('door');
    expect(zoneAt(regions, 0.25, 0.5)).toBeNull();
  });
});

describe('scores with regions', () => {
  test('are those without any where none is drawn', () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const normal = statisticsOf(frames, [1, 2]);
        const plain = new StreamScorer(normal, { window: 3, combination: 'sum' });
        const regional = new RegionScorer(normal, { window: 3, combination: 'sum' });
        for (const frame of frames) expect(regional.push(frame).counted).toEqual(plain.push(frame));
      }),
    );
  });

  test('see nothing in what is ignored, in score and heatmap', () => {
    const scorer = new RegionScorer(statistics(), { window: 1, combination: 'sum' }, [
      region('ignore', right),
    ]);
    const quiet = scorer.push(oddAt(0, 0.012)).counted;
    const { counted, seen } = scorer.push(oddAt(3));
    expect(counted.score).toBeCloseTo(quiet.score, 6);
    expect(counted.heatmap[3]).toBe(0);
    expect(seen).toBe(counted);
    expect(scorer.push(oddAt(0)).counted.score).toBeGreaterThan(10);
  });

  test('see what happens in a zone without alarms, and do not count it', () => {
    const zone = region('zone', right, { alarms: false });
    const scorer = new RegionScorer(statistics(), { window: 1, combination: 'sum' }, [zone]);
    const { counted, seen } = scorer.push(oddAt(3));
    expect(seen.score).toBeGreaterThan(10);
    expect(counted.score).toBeLessThan(2);
    scorer.regions = [region('zone', right)];
    expect(scorer.push(oddAt(3)).counted.score).toBeGreaterThan(10);
  });

  test('leave errors as they are outside', () => {
    const errors = oddAt(0);
    const masked = withoutCells(errors, cellsOf([region('ignore', right)], errors.grid));
    expect(masked.appearance![0]).toBe(1);
    expect(masked.appearance![3]).toBe(0);
    expect(errors.appearance[3]).toBeCloseTo(0.012, 6);
    expect(masked.pace).toBeUndefined();
  });
});

test('a heatmap in which nothing reaches the level still has a worst place', () => {
  const heat = [0.1, 0.1, 0.9, 0.8];
  const size = { width: 40, height: 10 };
  expect(worstRegions(heat, { width: 4, height: 1 }, size)).toEqual([
    { x: 20, y: 0, width: 20, height: 10, score: 0.9 },
  ]);
});

describe('what was seen', () => {
  /** Minutes in which one cell was odd each, and the scores of their seconds. */
  function seen(cells: readonly number[]) {
    const normal = statistics();
    const gatherer = new PlaceMapGatherer(normal, { window: 1, combination: 'sum' });
    const scorer = new StreamScorer(normal, { window: 1, combination: 'sum' });
    const maps = [];
    const peaks: number[] = [];
    for (let second = 0; second <= 60 * cells.length; second++) {
      const odd = second % 60 === 30;
      const errors = oddAt(odd ? (cells[Math.floor(second / 60)] ?? 0) : 0, odd ? 1 : 0.012);
      const { score } = scorer.push(errors);
      const map = gatherer.push(1000 * second, errors, score);
      if (map) maps.push(map);
      peaks.push(score);
    }
    return { maps, history: [{ from: 0, peaks: Float32Array.from(peaks) }] };
  }

  test('is kept as a map of each minute that was seen whole but the first', () => {
    const { maps } = seen([0, 3, 0]);
    expect(maps.map(({ time }) => time)).toEqual([MINUTE, 2 * MINUTE]);
    const [map] = maps;
    expect(map).toMatchObject({ width: 4, height: 4 });
    expect(peakWith(map!, undefined)).toBe(map!.peak);
    expect(peakWith(map!, uncountedPlaces([region('ignore', right)], map!))).toBeLessThan(3);
    expect(peakWith(map!, uncountedPlaces([region('ignore', left)], map!))).toBeCloseTo(
      map!.peak,
      6,
    );
  });

  test('is scored again with other regions, and again without them', () => {
    const { maps, history } = seen([0, 3, 0, 3]);
    const peakOf = (stretches: readonly SeenSeconds[], minute: number) =>
      Math.max(...stretches[0]!.peaks.subarray(60 * minute, 60 * minute + 60));
    const before = [0, 1, 2].map((minute) => peakOf(history, minute));
    const ignored = rescored(history, maps, [region('ignore', right)]);
    expect(peakOf(ignored, 1)).toBeLessThan(3);
    expect(peakOf(ignored, 2)).toBeCloseTo(before[2]!, 4);
    const back = rescored(ignored, maps, []);
    expect(peakOf(back, 1)).toBeCloseTo(before[1]!, 4);
    // One second alone takes the peak back.
    expect(back[0]!.peaks.subarray(60, 120).filter((peak) => peak > 3)).toHaveLength(1);
    expect(rescored(history, maps, [])).toEqual(history);
  });

  test('stays where no map was kept, and where nothing was scored', () => {
    const history = [{ from: 0, peaks: Float32Array.from([9, Number.NaN, 8]) }];
    expect(rescored(history, [], [region('ignore', right)])).toEqual(history);
  });
});
