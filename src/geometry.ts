/** The one place for the arithmetic of levels, tiles, regions and output sizes; all four protocols use it. */
import type { ImageInfo, LevelInfo } from './image/info.ts';
import type { Rectangle, Size } from './image/raster.ts';

/** How many full-size pixels one pixel of a level covers, in each direction. */
export interface Scale {
  readonly x: number;
  readonly y: number;
}

export interface TilePosition {
  readonly column: number;
  readonly row: number;
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** A level of the image; throws a RangeError for one that the caller should have checked. */
export function levelOf(info: ImageInfo, level: number): LevelInfo {
  const found = info.levels[level];
  if (found === undefined) throw new RangeError(`no level ${level}`);
  return found;
}

/** Level 0: the full size. */
export function fullSize(info: ImageInfo): LevelInfo {
  return levelOf(info, 0);
}

/** IIP counts resolutions from the smallest, everything else levels from the largest; the same number converts both. */
export function levelOfResolution(info: ImageInfo, resolution: number): number {
  return info.levels.length - 1 - resolution;
}

const isPower = (full: Size, level: Size, factor: number): boolean =>
  Math.abs(full.width / factor - level.width) < 1 && Math.abs(full.height / factor - level.height) < 1;

/**
 * The scale of a level: an exact power of two where its size is the full size divided by one and rounded either
 * way, else the measured ratio (pyramids whose steps are 3 or 4, or uneven).
 */
export function levelScale(info: ImageInfo, index: number): Scale {
  const full = fullSize(info);
  const level = levelOf(info, index);
  const expected = 2 ** index;
  if (isPower(full, level, expected)) return { x: expected, y: expected };
  const nearest = 2 ** Math.round(Math.log2(full.width / level.width));
  if (isPower(full, level, nearest)) return { x: nearest, y: nearest };
  return { x: full.width / level.width, y: full.height / level.height };
}

export function tileGrid(level: LevelInfo): Grid {
  return {
    columns: Math.ceil(level.width / level.tileWidth),
    rows: Math.ceil(level.height / level.tileHeight),
  };
}

/** The pixels of a tile at its level; tiles at the right and bottom edges are cropped. */
export function tileWindow(level: LevelInfo, tile: TilePosition): Rectangle {
  const x = tile.column * level.tileWidth;
  const y = tile.row * level.tileHeight;
  return {
    x,
    y,
    width: Math.min(level.tileWidth, level.width - x),
    height: Math.min(level.tileHeight, level.height - y),
  };
}

/** The tile that a window is, exactly and wholly; undefined for any other window. */
export function tileAtWindow(level: LevelInfo, window: Rectangle): TilePosition | undefined {
  if (window.x % level.tileWidth !== 0 || window.y % level.tileHeight !== 0) return undefined;
  const tile = { column: window.x / level.tileWidth, row: window.y / level.tileHeight };
  const whole = tileWindow(level, tile);
  return whole.width === window.width && whole.height === window.height ? tile : undefined;
}

/** A tile's number counts from the left of the top row. Undefined outside the grid. */
export function tileOfNumber(level: LevelInfo, number: number): TilePosition | undefined {
  const grid = tileGrid(level);
  if (!Number.isInteger(number) || number < 0 || number >= grid.columns * grid.rows) return undefined;
  return { column: number % grid.columns, row: Math.floor(number / grid.columns) };
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Region in full-size pixels (fractions allowed) → window in pixels of a level, at least 1×1 and inside it. */
export function windowAtLevel(info: ImageInfo, index: number, region: Rectangle): Rectangle {
  const scale = levelScale(info, index);
  const level = levelOf(info, index);
  const x = clamp(Math.round(region.x / scale.x), 0, level.width - 1);
  const y = clamp(Math.round(region.y / scale.y), 0, level.height - 1);
  return {
    x,
    y,
    width: clamp(Math.round(region.width / scale.x), 1, level.width - x),
    height: clamp(Math.round(region.height / scale.y), 1, level.height - y),
  };
}

/**
 * The smallest level at which the region is at least as large as the output in both directions; the full size
 * when there is none. Half a pixel lost by a level whose size was rounded down does not count.
 */
export function levelForOutput(info: ImageInfo, region: Rectangle, output: Size): number {
  for (let index = info.levels.length - 1; index > 0; index--) {
    const scale = levelScale(info, index);
    const level = levelOf(info, index);
    const isLargeEnough =
      Math.ceil(region.width / scale.x) >= output.width &&
      Math.ceil(region.height / scale.y) >= output.height;
    // A level that was rounded down may lack the very pixels at its edge.
    const isInside =
      Math.round(region.x / scale.x) < level.width && Math.round(region.y / scale.y) < level.height;
    if (isLargeEnough && isInside) return index;
  }
  return 0;
}

/** Whole numbers, at least 1. */
export function roundSize(size: Size): Size {
  return { width: Math.max(1, Math.round(size.width)), height: Math.max(1, Math.round(size.height)) };
}

/** The largest size of the region's aspect that fits into a box; `Infinity` leaves a side open. */
export function fitInside(region: Size, box: Size): Size {
  const factor = Math.min(box.width / region.width, box.height / region.height);
  const width = box.width / region.width <= box.height / region.height ? box.width : region.width * factor;
  const height = box.width / region.width <= box.height / region.height ? region.height * factor : box.height;
  return roundSize({ width, height });
}

/** Brings the longer side of an output down to `maxSide`; the other follows the region's aspect. */
export function limitSide(output: Size, region: Size, maxSide: number): Size {
  if (Math.max(output.width, output.height) <= maxSide) return output;
  return output.width >= output.height
    ? roundSize({ width: maxSide, height: (maxSide * region.height) / region.width })
    : roundSize({ width: (maxSide * region.width) / region.height, height: maxSide });
}

/** The largest level that has no side over `maxSide`; the smallest level when all have. */
export function largestLevelWithin(info: ImageInfo, maxSide: number): number {
  const index = info.levels.findIndex((level) => Math.max(level.width, level.height) <= maxSide);
  return index < 0 ? info.levels.length - 1 : index;
}
