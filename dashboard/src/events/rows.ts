/** Rows of one height in a box that scrolls: which of them have to be there. */
export interface RowBox {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly count: number;
}

/** The first row and the one after the last, with `margin` more on both sides. */
export function rowsInSight(box: RowBox, margin: number): { first: number; end: number } {
  const { scrollTop, height, rowHeight, count } = box;
  const clamp = (row: number) => Math.min(count, Math.max(0, row));
  return {
    first: clamp(Math.floor(scrollTop / rowHeight) - margin),
    end: clamp(Math.ceil((scrollTop + height) / rowHeight) + margin),
  };
}

/** Where to scroll so that a row is whole in sight, by the shortest way. */
export function scrollToRow(box: RowBox, row: number): number {
  const top = row * box.rowHeight;
  const bottom = top + box.rowHeight;
  if (top < box.scrollTop) return top;
  if (bottom > box.scrollTop + box.height) return bottom - box.height;
  return box.scrollTop;
}

/** The row that a key of a list leads to; undefined for another key. */
export function rowAfterKey(key: string, row: number, box: RowBox): number | undefined {
  const page = Math.max(1, Math.floor(box.height / box.rowHeight) - 1);
  const steps: Record<string, number> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: box.count - 1,
  };
  const to = steps[key];
  return to === undefined ? undefined : Math.max(0, Math.min(box.count - 1, to));
}
