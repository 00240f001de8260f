import { expect, test } from 'vitest';
import { connectedParts } from '../../src/scoring/connected-parts.ts';

const rows = ['#..#', '.#..', '...#', '#..#'];
const grid = { width: 4, height: 4 };
const belongs = (cell: number) => rows.join('')[cell] === '#';
const cellsOf = (neighbours: 4 | 8) =>
  connectedParts(belongs, grid, neighbours).map(({ cells }) => [...cells]);

test('eight neighbours join cells at their corners, four do not', () => {
  expect(cellsOf(8)).toEqual([[0, 5], [3], [11, 15], [12]]);
  expect(cellsOf(4)).toEqual([[0], [3], [5], [11, 15], [12]]);
});

test('a box holds its part and nothing else, and no part goes over the edge', () => {
  expect(connectedParts(belongs, grid, 8).map(({ box }) => box)).toEqual([
    { x: 0, y: 0, width: 2, height: 2 },
    { x: 3, y: 0, width: 1, height: 1 },
    { x: 3, y: 2, width: 1, height: 2 },
    { x: 0, y: 3, width: 1, height: 1 },
  ]);
});
