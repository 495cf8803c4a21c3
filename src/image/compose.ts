/** Puts a window together from the tiles or strips that it touches: the one composer of all readers. */
import type { Raster, Rectangle, Size } from './raster.ts';
import type { Cancellation } from './reader.ts';
import { lendSamples, recycling } from './recycling.ts';

/** Rows of a segment, counted from its top. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

/** Where a tile or strip is in the grid of its level, and which of its rows are wanted. */
export interface SegmentAddress {
  readonly column: number;
  readonly row: number;
  readonly rows: RowRange;
}

/** Decoded pixels of a tile or strip: at least the rows that were asked for. */
export interface Segment {
  readonly raster: Raster;
  /** Row of the segment at which the raster begins. */
  readonly firstRow: number;
  /** The raster is kept by a cache: it may not become the answer, which belongs to the caller. */
  readonly isShared: boolean;
}

export type ReadSegment = (address: SegmentAddress) => Promise<Segment>;

/**
 * The raster of a window of a level that is stored as a grid of equal segments, row by row.
 *
 * A window within one segment is cut out of that segment's own memory, without a copy where it is as wide.
 *
 * @param window pixels of the level, not empty.
 * @param segment size of a segment; the last of a row or column may be cropped or padded.
 * @throws what `cancellation` throws between two segments, and what `read` throws.
 */
export async function composeWindow(
  window: Rectangle,
  segment: Size,
  read: ReadSegment,
  cancellation?: Cancellation,
): Promise<Raster> {
  const addresses = segmentsOf(window, segment);
  let target: Raster | undefined;
  for (const address of addresses) {
    cancellation?.throwIfAborted();
    const source = await read(address);
    const place = placeIn(window, segment, address);
    if (addresses.length === 1 && !source.isShared) return cutOut(source, place);
    target ??= emptyLike(source.raster, window);
    copyOverlap(source, target, place);
    if (!source.isShared) recycling.giveBack(source.raster.data);
  }
  cancellation?.throwIfAborted();
  if (target === undefined) throw new RangeError('a window without pixels');
  return target;
}

function segmentsOf(window: Rectangle, segment: Size): SegmentAddress[] {
  const addresses: SegmentAddress[] = [];
  const lastRow = Math.floor((window.y + window.height - 1) / segment.height);
  const lastColumn = Math.floor((window.x + window.width - 1) / segment.width);
  for (let row = Math.floor(window.y / segment.height); row <= lastRow; row++) {
    const top = Math.max(window.y - row * segment.height, 0);
    const bottom = Math.min(window.y + window.height - row * segment.height, segment.height);
    const rows = { first: top, count: bottom - top };
    for (let column = Math.floor(window.x / segment.width); column <= lastColumn; column++) {
      addresses.push({ column, row, rows });
    }
  }
  return addresses;
}

/** The window in coordinates of the segment: `x` and `y` are negative where the window begins before it. */
function placeIn(window: Rectangle, segment: Size, { column, row }: SegmentAddress): Rectangle {
  return { ...window, x: window.x - column * segment.width, y: window.y - row * segment.height };
}

/** Its content is arbitrary: segments cover all of a window. */
function emptyLike(raster: Raster, size: Size): Raster {
  const { bands, bitsPerSample, sampleFormat } = raster;
  const data = lendSamples(size.width * size.height * bands, bitsPerSample, sampleFormat);
  return { width: size.width, height: size.height, bands, bitsPerSample, sampleFormat, data };
}

/** The part `place` of a segment that contains it, moved together in the segment's own memory. */
function cutOut({ raster, firstRow }: Segment, place: Rectangle): Raster {
  const { bands, data } = raster;
  const { width, height } = place;
  const stride = raster.width * bands;
  const rowLength = width * bands;
  const start = (place.y - firstRow) * stride + place.x * bands;
  if (rowLength === stride) return { ...raster, height, data: data.subarray(start, start + height * stride) };
  for (let y = 0; y < height; y++) {
    const from = start + y * stride;
    data.copyWithin(y * rowLength, from, from + rowLength);
  }
  return { ...raster, width, height, data: data.subarray(0, height * rowLength) };
}

function copyOverlap(source: Segment, target: Raster, place: Rectangle): void {
  const { raster, firstRow } = source;
  const { bands } = raster;
  const left = Math.max(place.x, 0);
  const right = Math.min(place.x + place.width, raster.width);
  const top = Math.max(place.y, firstRow);
  const bottom = Math.min(place.y + place.height, firstRow + raster.height);
  const length = (right - left) * bands;
  if (length <= 0) return;
  for (let y = top; y < bottom; y++) {
    const from = ((y - firstRow) * raster.width + left) * bands;
    const to = ((y - place.y) * target.width + (left - place.x)) * bands;
    target.data.set(raster.data.subarray(from, from + length), to);
  }
}
