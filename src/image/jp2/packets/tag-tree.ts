/** Tag trees (ISO/IEC 15444-1, B.10.2): their shape; their nodes are numbers in the state of a precinct. */

export interface TreeShape {
  /** Leaves first, the root last: nodes in a row of each level, and where the level begins. */
  readonly widths: readonly number[];
  readonly starts: readonly number[];
  /** All nodes. */
  readonly size: number;
}

const shapes = new Map<number, TreeShape>();

/** Shapes are few and small: they are kept. */
const MAX_KEPT = 4_096;

/** The shape over `columns` by `rows` leaves, at least one. */
export function treeShape(columns: number, rows: number): TreeShape {
  const key = columns * 2 ** 26 + rows;
  const kept = shapes.get(key);
  if (kept !== undefined) return kept;
  const widths: number[] = [];
  const starts: number[] = [];
  let size = 0;
  for (let width = columns, height = rows; ; width = Math.ceil(width / 2), height = Math.ceil(height / 2)) {
    widths.push(width);
    starts.push(size);
    size += width * height;
    if (width * height <= 1) break;
  }
  const shape = { widths, starts, size };
  if (shapes.size < MAX_KEPT) shapes.set(key, shape);
  return shape;
}
