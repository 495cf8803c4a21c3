/**
 * Decoded strips and large tiles, so that the next window of a picture does not decode them again. Strips are kept some
 * together, since a file can have thousands of a few rows, in the memory that threads share.
 */
import { composeWindow, type ReadSegment, type Segment, type SegmentAddress } from '../compose.ts';
import type { LevelStore } from '../flat/level-store.ts';
import { VIRTUAL_TILE } from '../levels.ts';
import type { Raster, Size } from '../raster.ts';
import type { Cancellation } from '../reader.ts';

/** Tiles up to this size are smaller than what a client asks for, or not much larger. */
const LARGE_TILE_PIXELS = 2 ** 20;

/** Strips are kept together up to this size, unless one is larger. */
const MAX_BAND_BYTES = 2 ** 24;

export interface SegmentShape extends Size {
  readonly kind: 'tiles' | 'strips';
}

/** Whether parts of a compressed segment are asked for again and again: it has to be decoded whole for each. */
export function isWorthKeeping({ kind, width, height }: SegmentShape): boolean {
  return kind === 'strips' || width * height > LARGE_TILE_PIXELS;
}

/** Rows that are decoded and kept together: of whole segments, of strips as many as a row of virtual tiles takes. */
export function rowsKept({ kind, width, height }: SegmentShape, pixelBytes: number): number {
  if (kind === 'tiles') return height;
  const most = Math.floor(MAX_BAND_BYTES / (width * height * pixelBytes));
  return height * Math.max(1, Math.min(most, Math.ceil(VIRTUAL_TILE / height)));
}

/** A level whose segments are kept. */
export interface KeptLevel {
  /** Different for every level of every version of every file. */
  readonly name: string;
  readonly size: Size;
  readonly grid: SegmentShape;
  readonly pixelBytes: number;
  readonly read: ReadSegment;
}

/** One that the store cannot hold is kept by the thread that decoded it, until it decodes another. */
let last: { readonly name: string; readonly segment: Segment } | undefined;

/** The way to the segments of a level that goes through the store: a reader for `composeWindow` and its grid. */
export function keptSegments(
  level: KeptLevel,
  store: LevelStore,
  cancellation: Cancellation | undefined,
): { readonly grid: Size; readonly read: ReadSegment } {
  const { grid, pixelBytes, size, name } = level;
  const height = rowsKept(grid, pixelBytes);
  if (grid.width * height * pixelBytes > store.largestBytes)
    return { grid, read: (at) => readAlone(level, at) };
  const band = { width: grid.width, height };
  const read = async ({ column, row, rows, columns }: SegmentAddress): Promise<Segment> => {
    const [x, y] = [column * band.width, row * band.height];
    const whole = {
      x,
      y,
      width: Math.min(band.width, size.width - x),
      height: Math.min(height, size.height - y),
    };
    const decode = async (): Promise<Raster> => composeWindow(whole, grid, level.read, cancellation);
    const window = { x: columns.first, y: rows.first, width: columns.count, height: rows.count };
    const stop = (): void => cancellation?.throwIfAborted();
    const raster = await store.window(`${name}\0${column},${row}`, window, decode, stop);
    return { raster, firstRow: rows.first, firstColumn: columns.first, isShared: false };
  };
  return { grid: band, read };
}

async function readAlone({ name: level, read }: KeptLevel, address: SegmentAddress): Promise<Segment> {
  const name = `${level}\0${address.column},${address.row}`;
  if (last?.name === name) return last.segment;
  const segment = { ...(await read(address)), isShared: true };
  last = { name, segment };
  return segment;
}
