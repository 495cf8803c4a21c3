/** Puts a window together from the tiles or strips that it touches: the one composer of all readers. */
import { after, type Awaitable } from '../awaitable.ts';
import { rasterOf, type Raster, type Rectangle, type Size } from './raster.ts';
import type { Cancellation } from './reader.ts';
import { lendSamples, recycling } from '../recycling.ts';

/** Rows or columns of a segment, counted from its top or left. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

/** Where a tile or strip is in the grid of its level, and which of its rows and columns are wanted. */
export interface SegmentAddress {
  readonly column: number;
  readonly row: number;
  readonly rows: Range;
  readonly columns: Range;
}

/** Decoded pixels of a tile or strip: at least the rows and columns that were asked for. */
export interface Segment {
  readonly raster: Raster;
  /** Row of the segment at which the raster begins. */
  readonly firstRow: number;
  /** Column of the segment at which the raster begins. */
  readonly firstColumn: number;
  /** The raster is kept by a cache: it may not become the answer, which belongs to the caller. */
  readonly isShared: boolean;
}

export type ReadSegment = (address: SegmentAddress) => Awaitable<Segment>;

/**
 * The raster of a window of a level that is stored as a grid of equal segments, row by row.
 *
 * A window within one segment is cut out of that segment's own memory, without a copy where it is as wide.
 *
 * @param window pixels of the level, not empty.
 * @param segment size of a segment; the last of a row or column may be cropped or padded.
 * @throws what `cancellation` throws between two segments, and what `read` throws.
 */
export function composeWindow(
  window: Rectangle,
  segment: Size,
  read: ReadSegment,
  cancellation?: Cancellation,
): Awaitable<Raster> {
  const only = onlySegment(window, segment);
  if (only === undefined) return putTogether({ window, segment, read, cancellation });
  cancellation?.throwIfAborted();
  return after(read(only), (source) => {
    cancellation?.throwIfAborted();
    const place = placeIn(window, segment, only);
    if (!source.isShared) return cutOut(source, place);
    const target = emptyLike(source.raster, window);
    copyOverlap(source, target, place);
    return target;
  });
}

interface Composition {
  readonly window: Rectangle;
  readonly segment: Size;
  readonly read: ReadSegment;
  readonly cancellation: Cancellation | undefined;
}

async function putTogether({ window, segment, read, cancellation }: Composition): Promise<Raster> {
  let target: Raster | undefined;
  for (const address of segmentsOf(window, segment)) {
    cancellation?.throwIfAborted();
    const source = await read(address);
    target ??= emptyLike(source.raster, window);
    copyOverlap(source, target, placeIn(window, segment, address));
    if (!source.isShared) recycling.giveBack(source.raster.data);
  }
  cancellation?.throwIfAborted();
  if (target === undefined) throw new RangeError('a window without pixels');
  return target;
}

/** The segment in which the whole window lies, as that of most viewers' requests does. */
function onlySegment({ x, y, width, height }: Rectangle, segment: Size): SegmentAddress | undefined {
  const [column, row] = [Math.floor(x / segment.width), Math.floor(y / segment.height)];
  const [left, top] = [x - column * segment.width, y - row * segment.height];
  const isInside = width > 0 && height > 0 && left + width <= segment.width && top + height <= segment.height;
  if (!isInside) return undefined;
  return { column, row, rows: { first: top, count: height }, columns: { first: left, count: width } };
}

function segmentsOf(window: Rectangle, segment: Size): SegmentAddress[] {
  const rows = rangesOf(window.y, window.height, segment.height);
  const columns = rangesOf(window.x, window.width, segment.width);
  return rows.flatMap(({ index: row, range }) =>
    columns.map(({ index: column, range: wanted }) => ({ column, row, rows: range, columns: wanted })),
  );
}

/** Which segments lie along a side of the window, and what of each is in it. */
function rangesOf(start: number, length: number, step: number): { index: number; range: Range }[] {
  const ranges: { index: number; range: Range }[] = [];
  for (let index = Math.floor(start / step); index * step < start + length; index++) {
    const first = Math.max(start - index * step, 0);
    const end = Math.min(start + length - index * step, step);
    ranges.push({ index, range: { first, count: end - first } });
  }
  return ranges;
}

/** The window in coordinates of the segment: `x` and `y` are negative where the window begins before it. */
function placeIn(window: Rectangle, segment: Size, { column, row }: SegmentAddress): Rectangle {
  return { ...window, x: window.x - column * segment.width, y: window.y - row * segment.height };
}

/** Its content is arbitrary: segments cover all of a window. */
function emptyLike(raster: Raster, size: Size): Raster {
  const { bands, bitsPerSample, sampleFormat } = raster;
  return rasterOf(size, raster, lendSamples(size.width * size.height * bands, bitsPerSample, sampleFormat));
}

/** The part `place` of a segment that contains it, moved together in the segment's own memory. */
function cutOut({ raster, firstRow, firstColumn }: Segment, place: Rectangle): Raster {
  const { bands, data } = raster;
  const { width, height } = place;
  const stride = raster.width * bands;
  const rowLength = width * bands;
  const start = (place.y - firstRow) * stride + (place.x - firstColumn) * bands;
  if (rowLength === stride) return rasterOf(place, raster, data.subarray(start, start + height * stride));
  for (let y = 0; y < height; y++) {
    const from = start + y * stride;
    data.copyWithin(y * rowLength, from, from + rowLength);
  }
  return rasterOf(place, raster, data.subarray(0, height * rowLength));
}

function copyOverlap(source: Segment, target: Raster, place: Rectangle): void {
  const { raster, firstRow, firstColumn } = source;
  const { bands } = raster;
  const left = Math.max(place.x, firstColumn);
  const right = Math.min(place.x + place.width, firstColumn + raster.width);
  const top = Math.max(place.y, firstRow);
  const bottom = Math.min(place.y + place.height, firstRow + raster.height);
  const length = (right - left) * bands;
  if (length <= 0) return;
  for (let y = top; y < bottom; y++) {
    const from = ((y - firstRow) * raster.width + left - firstColumn) * bands;
    const to = ((y - place.y) * target.width + (left - place.x)) * bands;
    target.data.set(raster.data.subarray(from, from + length), to);
  }
}
