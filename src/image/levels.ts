/** Levels of pictures that store only their full size. */
import type { LevelInfo } from './info.ts';
import type { Size } from './raster.ts';

/** Side of the tiles that readers cut out of untiled pictures (BEHAVIOUR 4). */
export const VIRTUAL_TILE = 256;

/** Sizes halved again and again, rounded down, until one tile holds the image; never below 1. */
export function halvedSizes(full: Size): Size[] {
  const sizes = [full];
  let { width, height } = full;
  while (width > VIRTUAL_TILE || height > VIRTUAL_TILE) {
    width = Math.max(1, Math.floor(width / 2));
    height = Math.max(1, Math.floor(height / 2));
    sizes.push({ width, height });
  }
  return sizes;
}

/** A level in virtual tiles: they are cut out of strips or of the whole picture. */
export function virtualLevel(size: Size, compression: string): LevelInfo {
  return { ...size, tileWidth: VIRTUAL_TILE, tileHeight: VIRTUAL_TILE, compression, isCut: true };
}
