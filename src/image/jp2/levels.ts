/** The levels of a JPEG 2000 picture: those that the codestream has, and below them virtual ones (BEHAVIOUR 4). */
import type { Size } from '../raster.ts';
import { VIRTUAL_TILE } from '../levels.ts';
import type { Canvas } from './codestream/canvas.ts';
import { pictureBounds } from './picture-window.ts';

export interface LevelSizes {
  /** All of them, the full size first. */
  readonly sizes: readonly Size[];
  /** How many of them the codestream has; the others are made out of the last of these. */
  readonly storedCount: number;
}

/**
 * Halved, rounding up on the reference grid, until one tile holds the picture.
 *
 * @param decompositions levels of decomposition that every component has.
 */
export function levelSizes(canvas: Canvas, decompositions: number): LevelSizes {
  const sizes = [sizeAt(canvas, 0)];
  for (let reduction = 1; reduction <= decompositions && !isOneTile(sizes.at(-1)!); reduction++) {
    const size = sizeAt(canvas, reduction);
    const last = sizes.at(-1)!;
    const isLevel =
      size.width > 0 && size.height > 0 && (size.width < last.width || size.height < last.height);
    if (!isLevel) break;
    sizes.push(size);
  }
  const storedCount = sizes.length;
  for (let { width, height } = sizes.at(-1)!; width > VIRTUAL_TILE || height > VIRTUAL_TILE;) {
    width = Math.ceil(width / 2);
    height = Math.ceil(height / 2);
    sizes.push({ width, height });
  }
  return { sizes, storedCount };
}

function sizeAt(canvas: Canvas, reduction: number): Size {
  const { x0, y0, x1, y1 } = pictureBounds(canvas, reduction);
  return { width: x1 - x0, height: y1 - y0 };
}

function isOneTile({ width, height }: Size): boolean {
  return width <= VIRTUAL_TILE && height <= VIRTUAL_TILE;
}
