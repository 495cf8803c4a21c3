/** The levels of a JPEG 2000 picture that its codestream has; `virtual/` puts others below them. */
import type { Size } from '../raster.ts';
import { VIRTUAL_TILE } from '../levels.ts';
import { coarser, type Canvas } from './codestream/canvas.ts';
import type { Bounds } from './core/types.ts';
import { damagedJp2 } from './damage.ts';
import { pictureBounds } from './picture-window.ts';

/**
 * Halved, rounding up on the reference grid, until one tile holds the picture or the codestream has no more; the full
 * size first.
 *
 * @param decompositions levels of decomposition that every component has.
 * @throws {ServerError} `damaged` for an area so narrow that no sample of a component lies in it.
 */
export function levelSizes(canvas: Canvas, decompositions: number): readonly Size[] {
  if (canvas.components.some(({ dx, dy }) => isEmpty(coarser(canvas, dx, dy))))
    throw damagedJp2('a component has no samples');
  const sizes = [sizeAt(canvas, 0)];
  for (let reduction = 1; reduction <= decompositions && !isOneTile(sizes.at(-1)!); reduction++) {
    const size = sizeAt(canvas, reduction);
    const last = sizes.at(-1)!;
    const isLevel =
      size.width > 0 && size.height > 0 && (size.width < last.width || size.height < last.height);
    if (!isLevel) break;
    sizes.push(size);
  }
  return sizes;
}

function sizeAt(canvas: Canvas, reduction: number): Size {
  const { x0, y0, x1, y1 } = pictureBounds(canvas, reduction);
  return { width: x1 - x0, height: y1 - y0 };
}

const isEmpty = ({ x0, y0, x1, y1 }: Bounds): boolean => x1 <= x0 || y1 <= y0;

function isOneTile({ width, height }: Size): boolean {
  return width <= VIRTUAL_TILE && height <= VIRTUAL_TILE;
}
