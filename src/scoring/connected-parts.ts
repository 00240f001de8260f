import type { Grid } from './blocks.ts';

/** A box on a grid, or in a picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A connected part of a grid. */
export interface ConnectedPart {
  /** Indices of its cells, `y * width + x`. */
  readonly cells: Int32Array;
  /** Bounding box. */
  readonly box: Box;
}

/**
 * Connected parts of a grid, in the order of their first cells.
 * @param belongs whether a cell, `y * width + x`, is in any part
 * @param neighbours 8 joins cells that share a side or a corner, 4 only a side
 */
export function connectedParts(
  belongs: (cell: number) => boolean,
  { width, height }: Grid,
  neighbours: 4 | 8,
): ConnectedPart[] {
  const seen = new Uint8Array(width * height);
  const queue = new Int32Array(width * height);
  const parts: ConnectedPart[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || !belongs(start)) continue;
    let [left, right, top, bottom] = [width, 0, height, 0];
    let count = 0;
    seen[start] = 1;
    queue[count++] = start;
    for (let i = 0; i < count; i++) {
      const x = queue[i]! % width;
      const y = (queue[i]! - x) / width;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      for (let v = Math.max(0, y - 1); v < Math.min(height, y + 2); v++)
        for (let u = Math.max(0, x - 1); u < Math.min(width, x + 2); u++) {
          if (neighbours === 4 && u !== x && v !== y) continue;
          const next = v * width + u;
          if (seen[next] === 1 || !belongs(next)) continue;
          seen[next] = 1;
          queue[count++] = next;
        }
    }
    const box = { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
    parts.push({ cells: queue.slice(0, count), box });
  }
  return parts;
}
